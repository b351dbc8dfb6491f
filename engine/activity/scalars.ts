import { type TUnsafe, Type } from '@sinclair/typebox'

/** A string out of a closed list, as a plain JSON Schema enum; configuration gives it a default. */
export function closed<const T extends readonly string[]>(
  values: T,
  description: string,
  fallback?: T[number],
): TUnsafe<T[number]> {
  const standard = fallback === undefined ? {} : { default: fallback }
  return Type.Unsafe<T[number]>(Type.String({ enum: [...values], description, ...standard }))
}

/** Whole milliseconds. */
export const Milliseconds = (description: string) =>
  Type.Integer({ minimum: 0, maximum: 8.64e15, description: `${description} (ms)` })

/** Seconds with a fraction. */
export const Seconds = (description: string) => Type.Number({ minimum: 0, description: `${description} (s)` })
