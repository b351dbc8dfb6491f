import {
  astralClass,
  characterClasses,
  DIGIT,
  HIGH_SURROGATE,
  IDEOGRAPH,
  INVISIBLE,
  isLetter,
  LETTER,
  MARK,
  OTHER,
} from './characters.ts'
import { buildFoldTable, DIGIT_BETWEEN_LETTERS } from './confusables.ts'
import type { Span } from './links.ts'

/** A text reduced to what its mutations have in common. */
export interface Folded {
  /** Letters in one shape each; a run of digits is one unit `#`; links, spaces, signs and invisible characters are gone. */
  readonly units: Uint16Array
  /** 1 where the unit is an ideograph. */
  readonly ideographs: Uint8Array
  length: number
}

const MAX_FOLDED = 1024
const NUMBER = 0x23
let table: Uint16Array | undefined

export function createFolded(): Folded {
  return { units: new Uint16Array(MAX_FOLDED), ideographs: new Uint8Array(MAX_FOLDED), length: 0 }
}

/** Folds `text` into `out`, leaving the links out. NFKD takes styled and accented letters apart, the table does the rest. */
export function foldText(text: string, links: readonly Span[], out: Folded): void {
  out.length = 0
  let from = 0
  for (const link of links) {
    foldPart(text.slice(from, link.start), out)
    from = link.end
  }
  foldPart(from === 0 ? text : text.slice(from), out)
}

/** Appends letters and digits of the links themselves: what there is to go by when a text is hardly more than a link. */
export function foldLinks(text: string, links: readonly Span[], out: Folded): void {
  const classes = characterClasses()
  for (const link of links) {
    for (let i = link.start; i < link.end; i++) {
      const unit = text.charCodeAt(i)
      const kind = classes[unit]!
      if (isLetter(kind) || kind === DIGIT) put(out, unit >= 0x41 && unit <= 0x5a ? unit + 32 : unit, false)
    }
  }
}

function foldPart(part: string, out: Folded): void {
  table ??= buildFoldTable()
  const classes = characterClasses()
  const text = isAscii(part) ? part : part.normalize('NFKD')
  for (let i = 0; i < text.length && out.length < MAX_FOLDED; i++) {
    const unit = text.charCodeAt(i)
    const kind = classes[unit]!
    if (isLetter(kind)) put(out, table[unit]!, kind === IDEOGRAPH)
    else if (kind === DIGIT) foldDigit(text, i, unit, classes, out)
    else if (kind === HIGH_SURROGATE && i + 1 < text.length) foldAstral(unit, text.charCodeAt(++i), out)
    // Vowel signs carry meaning (Thai, Devanagari); accents on letters that others write without do not.
    else if (kind === MARK && unit > 0x6ff && unit < 0x1ab0) put(out, unit, false)
    else if (kind === OTHER && (unit === 0x24 || unit === 0x40) && between(text, i, classes)) {
      put(out, unit === 0x24 ? 0x73 : 0x61, false)
    }
  }
}

function put(out: Folded, unit: number, ideograph: boolean): void {
  if (out.length === MAX_FOLDED) return
  out.units[out.length] = unit
  out.ideographs[out.length] = ideograph ? 1 : 0
  out.length++
}

/** A digit between letters is one of them; a run of digits anywhere else is a number, whatever its value. */
function foldDigit(text: string, i: number, unit: number, classes: Uint8Array, out: Folded): void {
  if (unit <= 0x39 && between(text, i, classes)) {
    put(out, DIGIT_BETWEEN_LETTERS.charCodeAt(unit - 0x30), false)
    return
  }
  if (out.length === 0 || out.units[out.length - 1] !== NUMBER) put(out, NUMBER, false)
}

function between(text: string, i: number, classes: Uint8Array): boolean {
  let before = i - 1
  while (before >= 0 && classes[text.charCodeAt(before)] === INVISIBLE) before--
  let after = i + 1
  while (after < text.length && classes[text.charCodeAt(after)] === INVISIBLE) after++
  return letterAt(text, before, classes) && letterAt(text, after, classes)
}

function letterAt(text: string, i: number, classes: Uint8Array): boolean {
  if (i < 0 || i >= text.length) return false
  const kind = classes[text.charCodeAt(i)]!
  return isLetter(kind) && kind !== IDEOGRAPH
}

/** Letters in boxes and circles that do not decompose, flags used as letters; emoji are left out. */
function foldAstral(high: number, low: number, out: Folded): void {
  const point = ((high - 0xd800) << 10) + (low - 0xdc00) + 0x10000
  for (const [first, last] of BOXED) {
    if (point < first || point > last) continue
    const letter = 0x61 + (point - first)
    put(out, letter === 0x69 ? 0x6c : letter, false)
    return
  }
  const kind = astralClass(high, low)
  if (kind !== IDEOGRAPH && kind !== LETTER) return
  put(out, high, false)
  put(out, low, kind === IDEOGRAPH)
}

const BOXED = [
  [0x1f150, 0x1f169],
  [0x1f170, 0x1f189],
  [0x1f1e6, 0x1f1ff],
] as const

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
