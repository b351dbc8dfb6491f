import { textFactNames, textFacts } from './facts.ts'
import { FINGERPRINT_VALUES, type Fingerprint, fingerprintOf } from './fingerprint.ts'

/** Everything that is read off a text. Shared: not to be written to. */
export interface TextReading {
  readonly facts: Float64Array
  readonly fingerprint: Fingerprint
  /** False where the text is too short for one. */
  readonly hasFingerprint: boolean
}

interface Entry extends TextReading {
  text: string
  hasFingerprint: boolean
}

const ENTRIES = 512
/** Longer texts are read afresh: the entries must not hold much memory. */
const MAX_KEPT = 512
const entries: (Entry | undefined)[] = new Array(ENTRIES)
const passing: Entry = blank()

/**
 * Facts and fingerprint of a text. The last texts are remembered: a message comes twice, under its origin and under its
 * target, and a blast comes a thousand times. The reading is valid until the next call.
 */
export function readText(text: string): TextReading {
  if (text.length > MAX_KEPT) return fill(passing, text)
  const { length } = text
  const key = length === 0 ? 0 : length * 31 + text.charCodeAt(length >> 1) * 7 + text.charCodeAt(length - 1) * 131
  const place = (key + (length === 0 ? 0 : text.charCodeAt(0) * 17)) & (ENTRIES - 1)
  const known = entries[place]
  if (known?.text === text) return known
  const entry = known ?? blank()
  entries[place] = entry
  return fill(entry, text)
}

function fill(entry: Entry, text: string): Entry {
  entry.text = text
  textFacts(text, entry.facts)
  entry.hasFingerprint = fingerprintOf(text, entry.fingerprint)
  return entry
}

function blank(): Entry {
  return {
    text: '',
    facts: new Float64Array(textFactNames.length),
    fingerprint: new Uint16Array(FINGERPRINT_VALUES),
    hasFingerprint: false,
  }
}
