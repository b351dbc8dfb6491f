import { createFolded, type Folded, foldLinks, foldText } from './fold.ts'
import { type Span, scanLinks } from './links.ts'

/** Values of a fingerprint. 24 of 16 bits are 64 characters of base64url, the most that `content.fingerprint` holds. */
export const FINGERPRINT_VALUES = 24
/** Texts with less to go by than this many letters are no campaign: greetings, thanks, yes and no. */
const MIN_LETTERS = 30
/** The same for a short text together with its links. */
const MIN_WITH_LINK = 24
/** An ideograph says as much as this many letters. */
const IDEOGRAPH_LETTERS = 2.5
/** A repeated syllable fills few places: at least this many of the 24 must be filled by shingles of their own. */
const MIN_FILLED = 12
/** Letters of a shingle; of ideographs, two. */
const SHINGLE = 4
/** Places that are equal in two fingerprints of one campaign, at least: an estimated resemblance of one half. */
const MIN_EQUAL = 12

export type Fingerprint = Uint16Array

const folded: Folded = createFolded()
const links: Span[] = []
const filled = new Uint8Array(FINGERPRINT_VALUES)

/**
 * Fingerprint of a text: one-permutation min-hash (Li, Owen & Zhang, 2012) over the 4-letter shingles (2 of ideographs) of
 * the folded text, empty places filled by rotation (Shrivastava & Li, 2014). The share of equal places in two fingerprints
 * estimates the Jaccard resemblance of the texts, standard error 0.1. False when the text is too short to tell.
 */
export function fingerprintOf(text: string, out: Fingerprint): boolean {
  if (links.length > 0) links.length = 0
  const body = text.length > 2048 ? text.slice(0, 2048) : text
  scanLinks(body, links)
  foldText(body, links, folded)
  if (weightOf(folded) >= MIN_LETTERS) return hashShingles(folded, out)
  if (links.length === 0) return false
  // A short text with a link is known by the link, changed links are then another text.
  foldLinks(body, links, folded)
  return weightOf(folded) >= MIN_WITH_LINK && hashShingles(folded, out)
}

function weightOf(text: Folded): number {
  let weight = 0
  for (let i = 0; i < text.length; i++) weight += text.ideographs[i] === 1 ? IDEOGRAPH_LETTERS : 1
  return weight
}

function hashShingles(text: Folded, out: Fingerprint): boolean {
  const { units, ideographs, length } = text
  // A loop: `fill` is a call into the runtime.
  for (let i = 0; i < FINGERPRINT_VALUES; i++) {
    out[i] = 0xffff
    filled[i] = 0
  }
  for (let i = 1; i < length; i++) {
    let hash = units[i]! + 0x10000
    if (ideographs[i] === 1) hash = Math.imul(hash, 0x9e3779b1) ^ units[i - 1]!
    else {
      if (i < SHINGLE - 1) continue
      hash = Math.imul(hash, 0x9e3779b1) ^ units[i - 1]!
      hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ units[i - 2]!
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) ^ units[i - 3]!
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash ^= hash >>> 16
    const place = (((hash >>> 16) * FINGERPRINT_VALUES) >>> 16) as number
    filled[place] = 1
    const value = hash & 0xffff
    if (value < out[place]!) out[place] = value
  }
  let places = 0
  for (let i = 0; i < FINGERPRINT_VALUES; i++) places += filled[i]!
  if (places < MIN_FILLED) return false
  for (let i = 0; i < FINGERPRINT_VALUES; i++) {
    if (filled[i] === 1) continue
    let from = i
    let steps = 0
    do {
      from = (from + 1) % FINGERPRINT_VALUES
      steps++
    } while (filled[from] === 0)
    out[i] = out[from]! + steps * 0x3b1d
  }
  return true
}

/** Whether two fingerprints are of one campaign; ends as soon as that is out of reach, as it nearly always is. */
export function resembles(a: Uint16Array, aAt: number, b: Uint16Array, bAt: number): boolean {
  let missing = 0
  for (let i = 0; i < FINGERPRINT_VALUES; i++)
    if (a[aAt + i] !== b[bAt + i] && ++missing > FINGERPRINT_VALUES - MIN_EQUAL) return false
  return true
}

/** Text form, for `content.fingerprint`: 64 characters of base64url. */
export function encodeFingerprint(fingerprint: Fingerprint): string {
  const bytes = Buffer.alloc(FINGERPRINT_VALUES * 2)
  fingerprint.forEach((value, i) => {
    bytes.writeUInt16LE(value, i * 2)
  })
  return bytes.toString('base64url')
}

/** Reads the text form; false when it is none. */
export function decodeFingerprint(text: string, out: Fingerprint): boolean {
  if (text.length !== 64) return false
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== FINGERPRINT_VALUES * 2) return false
  for (let i = 0; i < FINGERPRINT_VALUES; i++) out[i] = bytes.readUInt16LE(i * 2)
  return true
}
