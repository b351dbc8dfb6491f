const MAGIC = 0x184d2204
const BLOCK_LIMITS = [0, 0, 0, 0, 65_536, 262_144, 1_048_576, 4_194_304]

/**
 * Unpacks LZ4 frames (lz4_Frame_format.md 1.6). Kafka's producers write one frame of independent blocks; blocks that
 * lean on the ones before are read too, since all of them unfold into one buffer. Block and content checksums are
 * passed over: the record batch has its own. Throws what is wrong.
 */
export function unlz4(packed: Uint8Array, most: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length)
  let out = new Uint8Array(Math.min(most, Math.max(1024, packed.length * 4)))
  let length = 0
  let at = 0

  const need = (bytes: number) => {
    if (at + bytes > packed.length) throw new Error('ends in the middle of a frame')
  }
  const room = (bytes: number) => {
    if (length + bytes <= out.length) return
    if (length + bytes > most) throw new Error(`more than ${most} bytes`)
    const larger = new Uint8Array(Math.min(most, Math.max(out.length * 2, length + bytes)))
    larger.set(out.subarray(0, length))
    out = larger
  }

  while (at < packed.length) {
    need(7)
    if (view.getUint32(at, true) !== MAGIC) throw new Error('no LZ4 frame')
    const flags = packed[at + 4]!
    const limit = BLOCK_LIMITS[(packed[at + 5]! >>> 4) & 7]!
    if (flags >>> 6 !== 1 || limit === 0) throw new Error('a version of LZ4 frames that is not known')
    const blockChecksum = (flags & 0x10) !== 0 ? 4 : 0
    at += 6 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0) + 1
    for (;;) {
      need(4)
      const word = view.getUint32(at, true)
      at += 4
      if (word === 0) break
      const size = word & 0x7fff_ffff
      need(size + blockChecksum)
      const block = packed.subarray(at, at + size)
      if (word >= 0x8000_0000) {
        room(size)
        out.set(block, length)
        length += size
      } else {
        room(limit)
        length = unpackBlock(block, out, length, length + limit)
      }
      at += size + blockChecksum
    }
    if ((flags & 0x04) !== 0) at += 4
  }
  return out.subarray(0, length)
}

/** Unpacks one block into `out` from `start`, not beyond `end`; gives where it ends. */
function unpackBlock(block: Uint8Array, out: Uint8Array, start: number, end: number): number {
  let to = start
  let at = 0
  while (at < block.length) {
    const token = block[at++]!
    let literals = token >>> 4
    if (literals === 15) for (let more = 255; more === 255; literals += more) more = byteAt(block, at++)
    if (at + literals > block.length || to + literals > end) throw new Error('literals beyond the end of a block')
    for (let i = 0; i < literals; i++) out[to++] = block[at++]!
    // The last sequence has no match.
    if (at === block.length) break
    const distance = byteAt(block, at) | (byteAt(block, at + 1) << 8)
    at += 2
    let length = token & 15
    if (length === 15) for (let more = 255; more === 255; length += more) more = byteAt(block, at++)
    length += 4
    if (distance === 0 || distance > to || to + length > end) throw new Error('a match outside of its block')
    // Byte by byte: a match may overlap what it writes.
    for (let i = 0; i < length; i++, to++) out[to] = out[to - distance]!
  }
  return to
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new Error('ends in the middle of a block')
  return byte
}
