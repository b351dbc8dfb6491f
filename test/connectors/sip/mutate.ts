/** A seeded source of small numbers: xorshift32 (Marsaglia 2003), so that a failing input can be made again. */
export interface Dice {
  /** A whole number from 0 up to, not including, `below`. */
  roll(below: number): number
}

export function createDice(seed: number): Dice {
  let state = seed | 0 || 1
  return {
    roll(below) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return (state >>> 0) % below
    },
  }
}

const interesting = [
  '\r\n',
  '\r\n\r\n',
  '\n ',
  ':',
  ';',
  ',',
  '"',
  '\\',
  '<',
  '>',
  '@',
  '%',
  '=',
  ' ',
  '\t',
  '\0',
  '[',
  ']',
  'SIP/2.0 ',
  ';tag=',
  'Content-Length: 99999999999\r\n',
  'l:-1\r\n',
  'Expires: 1x\r\n',
  'Max-Forwards: 256\r\n',
  'Date: x\r\n',
  'CSeq: 4294967296 INVITE\r\n',
  'Via:',
  'f:',
  '--b',
  'sip:',
  'tel:+',
  '\xff\xfe',
  '\xc3\xa9',
].map(text => Buffer.from(text, 'latin1'))

/**
 * One to eight mutations of a seed message into `out`: bytes flipped, cut, doubled, swapped with another message's, or
 * something that parsers trip over put in.
 * @returns length of the mutant, at most `out.length`
 */
export function mutate(seeds: readonly Uint8Array[], dice: Dice, out: Buffer): number {
  const seed = seeds[dice.roll(seeds.length)]!
  out.set(seed)
  let length = seed.length
  for (let left = 1 + dice.roll(8); left > 0; left--) length = once(seeds, dice, out, length)
  return length
}

function once(seeds: readonly Uint8Array[], dice: Dice, out: Buffer, length: number): number {
  if (length === 0) return 0
  const at = dice.roll(length)
  switch (dice.roll(7)) {
    case 0:
      out[at] = dice.roll(256)
      return length
    case 1:
      out[at] = out[at]! ^ (1 << dice.roll(8))
      return length
    case 2:
      return at
    case 3: {
      const size = Math.min(1 + dice.roll(64), length - at)
      out.copyWithin(at, at + size, length)
      return length - size
    }
    case 4: {
      const size = Math.min(1 + dice.roll(200), length - at, out.length - length)
      out.copyWithin(at + size, at, length)
      return length + size
    }
    case 5: {
      const other = seeds[dice.roll(seeds.length)]!
      const from = dice.roll(other.length)
      const size = Math.min(1 + dice.roll(120), other.length - from, length - at)
      out.set(other.subarray(from, from + size), at)
      return length
    }
    default: {
      const piece = interesting[dice.roll(interesting.length)]!
      if (length + piece.length > out.length) return length
      out.copyWithin(at + piece.length, at, length)
      out.set(piece, at)
      return length + piece.length
    }
  }
}
