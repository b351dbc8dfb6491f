import { Kind, type TUnsafe, Type, TypeRegistry } from '@sinclair/typebox'

const CLOSED = 'ringfence:closed'

// TypeBox does not look at `enum` on a string, and a union of literals is an `anyOf` that no reader of the schema likes.
TypeRegistry.Set<{ enum: readonly string[] }>(
  CLOSED,
  (schema, value) => typeof value === 'string' && schema.enum.includes(value),
)

/** A string out of a closed list, as a plain JSON Schema enum; configuration gives it a default. */
export function closed<const T extends readonly string[]>(
  values: T,
  description: string,
  fallback?: T[number],
): TUnsafe<T[number]> {
  const standard = fallback === undefined ? {} : { default: fallback }
  return Type.Unsafe<T[number]>({ [Kind]: CLOSED, type: 'string', enum: [...values], description, ...standard })
}

/** Whole milliseconds. */
export const Milliseconds = (description: string) =>
  Type.Integer({ minimum: 0, maximum: 8.64e15, description: `${description} (ms)` })

/** Seconds with a fraction. */
export const Seconds = (description: string) => Type.Number({ minimum: 0, description: `${description} (s)` })
