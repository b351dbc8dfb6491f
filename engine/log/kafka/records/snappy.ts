/** What snappy-java's streams begin with; Java producers write these, others a bare block. */
const XERIAL = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]
const XERIAL_HEADER_BYTES = 16

/**
 * Unpacks Snappy (format_description.txt): a bare block, or snappy-java's stream of length-prefixed blocks.
 * Throws what is wrong.
 */
export function unsnappy(packed: Uint8Array, most: number): Uint8Array {
  if (!XERIAL.every((byte, i) => packed[i] === byte)) return unpackBlock(packed, most)
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length)
  const blocks: Uint8Array[] = []
  let total = 0
  for (let at = XERIAL_HEADER_BYTES; at < packed.length; ) {
    if (at + 4 > packed.length) throw new Error('ends in the middle of a block')
    const size = view.getUint32(at)
    at += 4
    if (at + size > packed.length) throw new Error('ends in the middle of a block')
    const block = unpackBlock(packed.subarray(at, at + size), most - total)
    blocks.push(block)
    total += block.length
    at += size
  }
  return Buffer.concat(blocks, total)
}

function unpackBlock(block: Uint8Array, most: number): Uint8Array {
  const reader = readerOf(block)
  const length = reader.varint()
  // A length is only believed as far as the block could unfold to: three bytes give 64 at the most.
  if (length > most || length > block.length * 32) throw new Error(`${length} bytes out of ${block.length}`)
  const out = new Uint8Array(length)
  let to = 0
  while (reader.left() > 0) {
    const tag = reader.little(1)
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >>> 2
      const literals = reader.bytes(1 + (short < 60 ? short : reader.little(short - 59)))
      if (to + literals.length > length) throw new Error('literals beyond the end')
      out.set(literals, to)
      to += literals.length
    } else {
      const copy = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
      const distance = kind === 1 ? ((tag >>> 5) << 8) + reader.little(1) : reader.little(kind === 2 ? 2 : 4)
      if (distance === 0 || distance > to || to + copy > length) throw new Error('a copy outside of the block')
      // Byte by byte: a copy may overlap what it writes.
      for (let i = 0; i < copy; i++, to++) out[to] = out[to - distance]!
    }
  }
  if (to !== length) throw new Error(`${to} bytes where ${length} were stated`)
  return out
}

function readerOf(block: Uint8Array) {
  let at = 0
  const byte = () => {
    const value = block[at++]
    if (value === undefined) throw new Error('ends in the middle of a block')
    return value
  }
  return {
    left: () => block.length - at,
    bytes(count: number) {
      if (at + count > block.length) throw new Error('literals beyond the end')
      at += count
      return block.subarray(at - count, at)
    },
    little(bytes: number) {
      let value = 0
      for (let i = 0; i < bytes; i++) value += byte() * 2 ** (8 * i)
      return value
    },
    varint() {
      let value = 0
      for (let shift = 0; shift <= 28; shift += 7) {
        const next = byte()
        value += (next & 0x7f) * 2 ** shift
        if (next < 0x80) return value
      }
      throw new Error('a length that never ends')
    },
  }
}
