import { lockingTable, type SeptetTable, shiftTable } from './gsm7-tables.ts'

const ESCAPE = 0x1b
const SPACE = 0x20
/** Longest text in characters: a message_payload of 64 KB, packed eight septets to seven octets. */
const CHARACTERS = 76_800
const scratch = Buffer.allocUnsafe(CHARACTERS * 2)

/**
 * Text of septets held one an octet (as SMPP carries the GSM alphabet), `bytes[start, end)`.
 * TS 23.038 clause 6.2.1.1: an escape before a place that the shift table leaves open shows the character of the main table;
 * a lone escape or an unassigned place shows a space.
 * @param locking, single language codes of the national tables, 0 for the default alphabet and its extension
 */
export function decodeSeptets(bytes: Uint8Array, start: number, end: number, locking: number, single: number): string {
  const main = lockingTable(locking)
  const shift = shiftTable(single)
  const last = Math.min(end, start + CHARACTERS)
  let length = 0
  for (let i = start; i < last; i++) {
    const septet = bytes[i]! & 0x7f
    let unit: number
    if (septet === ESCAPE && i + 1 < last) unit = shifted(bytes[++i]! & 0x7f, main, shift)
    else unit = main[septet]! || SPACE
    scratch[length++] = unit & 0xff
    scratch[length++] = unit >> 8
  }
  return scratch.toString('utf16le', 0, length)
}

function shifted(septet: number, main: SeptetTable, shift: SeptetTable): number {
  return shift[septet]! || main[septet]! || SPACE
}

/**
 * Spreads packed septets (TS 23.038 clause 6.1.2.1) over one octet each.
 * @param fillBits bits to pass over so that the text begins at a septet boundary after a user data header
 */
export function unpackSeptets(bytes: Uint8Array, start: number, end: number, fillBits: number): Uint8Array {
  const bits = (end - start) * 8 - fillBits
  const count = Math.max(0, Math.floor(bits / 7))
  const septets = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const bit = fillBits + i * 7
    const at = start + (bit >> 3)
    const pair = bytes[at]! | ((at + 1 < end ? bytes[at + 1]! : 0) << 8)
    septets[i] = (pair >> (bit & 7)) & 0x7f
  }
  // Seven spare bits at the end read as one septet more: a CR or @ there is padding, not text.
  const last = septets[count - 1]
  return bits % 7 === 0 && count % 8 === 0 && (last === 0x0d || last === 0) ? septets.subarray(0, count - 1) : septets
}
