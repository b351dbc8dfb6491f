import Encoder from 'kafkajs/src/protocol/encoder.js'

/** The body of a request in parts, which are put together once, behind the header that kafkajs writes. */
export interface RequestBody {
  /** kafkajs takes what has a buffer of this name for an encoder. */
  readonly buf: Buffer
  readonly parts: readonly Buffer[]
  allocate(bytes: number): Buffer
}

/** The body made of these parts; `allocate` gives the memory of the whole request, which is new by default. */
export function requestBody(
  parts: readonly Buffer[],
  allocate: (bytes: number) => Buffer = Buffer.allocUnsafe,
): RequestBody {
  return { buf: EMPTY, parts, allocate }
}

const EMPTY = Buffer.alloc(0)
const LENGTH_BYTES = 4
/** Requests whose header was written with room for their length before it. */
const framed = new WeakMap<object, Buffer>()

/**
 * kafkajs copies the body of a request into an encoder for the header, and that one into another for the length, each a
 * buffer of zeroes of the next power of two: half a megabyte for a request of 150 KB. Ours is copied once.
 */
const writeEncoder = Encoder.prototype.writeEncoder
Encoder.prototype.writeEncoder = function (this: Encoder, value: Encoder | RequestBody) {
  if ('parts' in value) {
    const bytes = value.parts.reduce((sum, part) => sum + part.length, 0)
    const whole = value.allocate(LENGTH_BYTES + this.offset + bytes)
    this.buf.copy(whole, LENGTH_BYTES, 0, this.offset)
    let at = LENGTH_BYTES + this.offset
    for (const part of value.parts) at += part.copy(whole, at)
    framed.set(this, whole)
    this.buf = whole.subarray(LENGTH_BYTES)
    this.offset = this.buf.length
    return this
  }
  const whole = framed.get(value)
  if (whole === undefined || this.offset !== LENGTH_BYTES) return writeEncoder.call(this, value)
  this.buf.copy(whole, 0, 0, LENGTH_BYTES)
  this.buf = whole
  this.offset = whole.length
  return this
}
