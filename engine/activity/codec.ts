import type { Static, TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { messageOf } from '../errors/index.ts'

/** A record read off the log: the value, or why it is not one. A bad record is data to be parked, not an exception. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string }

export interface Codec<T> {
  encode(value: T): Uint8Array
  decode(bytes: Uint8Array): Decoded<T>
}

const textDecoder = new TextDecoder('utf-8', { fatal: true })

/**
 * JSON on the log, checked against its schema on the way in; unknown fields are kept.
 * The check is compiled to JavaScript once (0.3 µs an activity here, against 4 µs for JSON.parse itself).
 */
export function jsonCodec<S extends TSchema>(schema: S, references: TSchema[] = []): Codec<Static<S>> {
  const check: TypeCheck<S> = TypeCompiler.Compile(schema, references)
  return {
    encode: value => Buffer.from(JSON.stringify(value)),
    decode(bytes) {
      let value: unknown
      try {
        value = JSON.parse(textDecoder.decode(bytes))
      } catch (error) {
        return { ok: false, reason: `not JSON: ${messageOf(error)}` }
      }
      if (check.Check(value)) return { ok: true, value }
      return { ok: false, reason: explain(check, value) }
    },
  }
}

function explain(check: TypeCheck<TSchema>, value: unknown): string {
  const first = check.Errors(value).First()
  if (first === undefined) return 'does not match its schema'
  const { path, message, schema } = first
  const allowed: unknown = schema.enum
  return `${path || '/'}: ${Array.isArray(allowed) ? `must be one of ${allowed.join(', ')}` : message}`
}
