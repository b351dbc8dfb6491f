import { FINGERPRINT_VALUES, type Fingerprint } from '../content/index.ts'
import type { Cursor } from '../state/index.ts'

/**
 * The last two texts of a party, for repetition to other targets: eight bytes of the fingerprint and a tag of the target
 * each. Five of eight equal is a near-duplicate: at a resemblance of 0.8 it is seen with 94 %, at 0.5 with 36 %, and of two
 * unrelated texts once in 20 million.
 */
export const TEXTS_BYTES = 24
export const textsLayout = 'two of (fingerprint bytes 8, target 2), next 1'
const KEY_BYTES = 8
const SLOT_BYTES = 10
const SLOTS = 2
const NEXT = SLOTS * SLOT_BYTES
const MIN_EQUAL_BYTES = 5
/** Target tag of a text that went to several. */
const MANY = 0xffff

/** Remembers that the text went to the target; true when a near-duplicate of it went to another one before. */
export function repeatsText(record: Cursor, fingerprint: Fingerprint, target: number): boolean {
  const { u8, u16, base } = record
  const tag = (target & 0xffff) % MANY || 1
  for (let slot = 0; slot < SLOTS; slot++) {
    const at = base + slot * SLOT_BYTES
    const tagAt = (at + KEY_BYTES) >>> 1
    if (u16[tagAt] === 0) continue
    let equal = 0
    for (let i = 0; i < KEY_BYTES; i++) if (u8[at + i] === byteOf(fingerprint, i)) equal++
    if (equal < MIN_EQUAL_BYTES) continue
    if (u16[tagAt] === tag) return false
    u16[tagAt] = MANY
    return true
  }
  const next = u8[base + NEXT]!
  const at = base + next * SLOT_BYTES
  for (let i = 0; i < KEY_BYTES; i++) u8[at + i] = byteOf(fingerprint, i)
  u16[(at + KEY_BYTES) >>> 1] = tag
  u8[base + NEXT] = (next + 1) % SLOTS
  return false
}

/** Every third value, so that the eight come from all over the fingerprint. */
function byteOf(fingerprint: Fingerprint, i: number): number {
  return fingerprint[(i * FINGERPRINT_VALUES) / KEY_BYTES]! & 0xff
}
