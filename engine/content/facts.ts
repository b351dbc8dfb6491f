import {
  astralClass,
  CYRILLIC,
  characterClasses,
  DIGIT,
  EMOJI,
  GREEK,
  HIGH_SURROGATE,
  INVISIBLE,
  isLetter,
  LATIN,
  MARK,
  OTHER,
  SPACE,
} from './characters.ts'
import { type Span, scanLinks } from './links.ts'
import { createNumberScan } from './numbers.ts'
import { OTP_WORDS, URGENT_WORDS } from './words.ts'

/** Numbers about one message text; rules read them as `text.NAME`. */
export const textFactNames = [
  'length',
  'words',
  'links',
  'shortened_links',
  'phone_numbers',
  'amounts',
  'otp',
  'mixed_scripts',
  'zero_width',
  'styled_letters',
  'uppercase_share',
  'digit_share',
  'emoji',
  'exclamations',
  'urgency',
] as const
export type TextFactName = (typeof textFactNames)[number]

/** What each fact says, for the documentation. */
export const textFactMeanings: Readonly<Record<TextFactName, string>> = {
  length: 'characters (UTF-16 units) of the text',
  words: 'words: runs of letters and digits',
  links: 'links, with or without a scheme',
  shortened_links: 'links through a known link shortener',
  phone_numbers: 'telephone numbers: 7 to 15 digits, spaces and dashes allowed',
  amounts: 'sums of money: a number with a currency',
  otp: '1 when it carries a one-time password: a number of 4 to 8 digits and a word that announces it',
  mixed_scripts: '1 when a word mixes letters of Latin, Cyrillic and Greek',
  zero_width: 'characters that take no room, joiners inside emoji left out',
  styled_letters: 'letters of the mathematical, full-width or circled alphabets',
  uppercase_share: 'share of capitals among letters that have a case',
  digit_share: 'share of digits among characters that are not spaces',
  emoji: 'emoji and pictographs',
  exclamations: 'exclamation marks',
  urgency: '1 when it presses to act now, in one of a dozen languages',
}

/** A text is read up to here: the longest concatenated short message and then some. */
export const MAX_TEXT = 2048

const F = Object.fromEntries(textFactNames.map((name, i) => [name, i])) as Record<TextFactName, number>
const numbers = createNumberScan()
const links: Span[] = []

/**
 * Takes the facts of `text` into `out`, in the order of `textFactNames`. One pass over the characters, one over the words
 * for links; the word lists are asked only where the rest makes them matter.
 */
export function textFacts(text: string, out: Float64Array): void {
  // Loops and questions: `fill` and a new length are calls into the runtime, 50 ns each.
  for (let i = 0; i < out.length; i++) out[i] = 0
  out[F.length] = text.length
  const end = Math.min(text.length, MAX_TEXT)
  const body = end === text.length ? text : text.slice(0, end)
  if (links.length > 0) links.length = 0
  scanLinks(body, links)
  out[F.links] = links.length
  for (const link of links) if (link.shortened) out[F.shortened_links]!++
  readCharacters(body, out)
  const small = body.toLowerCase()
  if (out[F.digit_share]! > 0) {
    numbers.scan(body, links)
    out[F.phone_numbers] = numbers.phones
    out[F.amounts] = numbers.amounts
    if (numbers.codes > 0 && OTP_WORDS.test(small)) out[F.otp] = 1
  }
  if (URGENT_WORDS.test(small)) out[F.urgency] = 1
}

/** One pass over the characters. */
function readCharacters(text: string, out: Float64Array): void {
  const classes = characterClasses()
  let upper = 0
  let cased = 0
  let digits = 0
  let solid = 0
  let scripts = 0
  let inWord = false
  let previous = SPACE
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    let kind = classes[unit]!
    if (kind === HIGH_SURROGATE && i + 1 < text.length) kind = astralClass(unit, text.charCodeAt(++i))
    if (isStyled(unit, kind)) out[F.styled_letters]!++
    if (kind === INVISIBLE) {
      if (!joins(unit, previous)) out[F.zero_width]!++
      continue
    }
    if (kind !== SPACE) solid++
    if (kind === DIGIT) digits++
    else countSign(unit, kind, out)
    if (kind === LATIN || kind === CYRILLIC || kind === GREEK) {
      scripts |= 1 << (kind - LATIN)
      cased++
      if (isUpper(text, i, unit)) upper++
    }
    const within = isLetter(kind) || kind === DIGIT || kind === MARK
    if (within && !inWord) out[F.words]!++
    if (!within) {
      if (isMixed(scripts)) out[F.mixed_scripts] = 1
      scripts = 0
    }
    inWord = within
    previous = kind
  }
  if (isMixed(scripts)) out[F.mixed_scripts] = 1
  out[F.uppercase_share] = cased > 0 ? upper / cased : 0
  out[F.digit_share] = solid > 0 ? digits / solid : 0
}

/** Mathematical, full-width and circled letters: dressed up to pass a filter. */
function isStyled(unit: number, kind: number): boolean {
  if (unit === 0xd835) return kind === OTHER
  return (unit >= 0xff21 && unit <= 0xff5a) || (unit >= 0x24b6 && unit <= 0x24e9)
}

/** Joiners and variation selectors belong to emoji and to the scripts that join. */
function joins(unit: number, previous: number): boolean {
  if (previous === EMOJI || previous === MARK) return true
  return (unit === 0x200c || unit === 0x200d) && previous > GREEK
}

function countSign(unit: number, kind: number, out: Float64Array): void {
  if (kind === EMOJI) out[F.emoji]!++
  else if (unit === 0x21 || unit === 0xff01) out[F.exclamations]!++
}

/** More than one script's bit is set. */
function isMixed(scripts: number): boolean {
  return (scripts & (scripts - 1)) !== 0
}

function isUpper(text: string, i: number, unit: number): boolean {
  if (unit < 0x80) return unit <= 0x5a
  const one = text[i]!
  return one !== one.toLowerCase()
}
