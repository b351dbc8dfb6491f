import { DIGIT, SPACE } from './alphabet.ts'
import { countConcepts } from './concepts.ts'
import { CONCEPTS } from './lexicon.ts'
import type { Normalised } from './normalise.ts'

/** What a text looks like whatever its language: the dense inputs of the network, each within about -1 … 3. */
export const SHAPE_NAMES = [
  'length',
  'words',
  'word_length',
  'digit_share',
  'upper_share',
  'letter_share',
  'sign_share',
  'exclamations',
  'questions',
  'dots_run',
  'links',
  'shorteners',
  'paths',
  'phones',
  'short_codes',
  'star_codes',
  'prices',
  'percents',
  'handles',
  'emoji',
  'hidden',
  'mixed_words',
  'fancy',
  'leet',
  'joined',
  'longest_word',
  'longest_digits',
  'digit_runs',
  'colons',
  'brackets',
  'new_lines',
  'repeats',
  ...CONCEPTS,
] as const

export const SHAPE_SIZE = SHAPE_NAMES.length
type ShapeName = (typeof SHAPE_NAMES)[number]
const at = Object.fromEntries(SHAPE_NAMES.map((name, i) => [name, i])) as Readonly<Record<ShapeName, number>>

// Which way an input may move the score of a text in a language that training has not seen: knowledge put in by hand, since
// the data would have it that talk of jobs is harmless (its one corpus of job scams was left out). Lengths and shares of
// letters or digits are no part of it: they mean other things in other scripts.
const TOWARDS_SPAM: readonly ShapeName[] = [
  ...([
    'links',
    'shorteners',
    'paths',
    'phones',
    'short_codes',
    'star_codes',
    'prices',
    'percents',
    'handles',
  ] as const),
  ...(['hidden', 'mixed_words', 'fancy', 'leet', 'joined'] as const),
  ...CONCEPTS.filter(concept => concept !== 'code' && concept !== 'personal'),
]
const TOWARDS_HAM: readonly ShapeName[] = ['code', 'personal']
const LANGUAGE_BOUND: readonly ShapeName[] = [
  'length',
  'words',
  'word_length',
  'longest_word',
  'letter_share',
  'digit_share',
  'sign_share',
]

/** Part of each input in the prior: 1 towards spam only, -1 towards ham only, 2 either way, 0 none. */
export const PRIOR_SIGNS: readonly number[] = SHAPE_NAMES.map(name => {
  if (TOWARDS_SPAM.includes(name)) return 1
  if (TOWARDS_HAM.includes(name)) return -1
  return LANGUAGE_BOUND.includes(name) ? 0 : 2
})

// Endings that links in messages have; a country's own ending counts when a path follows.
const ENDINGS = new Set(
  (
    'com net org info biz xyz top club shop online site live link app pro vip win icu co io ly me tk cc gg ru ua by kz us ' +
    'uk eu in id th tr sa ae cn my sg vn de fr es it pl nl br mx za ng ke tv mobi gd gl gs ws to be im la st su'
  ).split(' '),
)
const SHORTENERS = new Set(
  'bit.ly t.me tinyurl.com goo.gl t.co cutt.ly is.gd ow.ly wa.me lin.ee s.id tsel.me rb.gy'.split(' '),
)

/** Writes the shape of a text into `out[offset …]`: `text` for what case and lines tell, `folded` for the rest. */
export function shapeOf(text: string, folded: Normalised, out: Float32Array, offset: number): void {
  for (let i = 0; i < SHAPE_SIZE; i++) out[offset + i] = 0
  const size = Math.max(1, folded.length - 2)
  const runs = scanRuns(folded)
  const links = scanLinks(folded)
  const words = Math.max(1, runs.spaces)
  out[offset + at.length] = Math.log2(1 + size) / 4 - 1
  out[offset + at.words] = Math.log2(1 + words) / 3 - 1
  out[offset + at.word_length] = Math.min(3, size / words / 6) - 1
  out[offset + at.digit_share] = Math.min(1, (3 * folded.digits) / size)
  out[offset + at.upper_share] = folded.letters === 0 ? 0 : folded.upper / folded.letters
  out[offset + at.letter_share] = Math.min(1, folded.letters / size)
  out[offset + at.sign_share] = Math.min(2, (8 * runs.signs) / size)
  out[offset + at.exclamations] = damped(runs.exclamations)
  out[offset + at.questions] = damped(runs.questions)
  out[offset + at.dots_run] = damped(runs.dotRuns)
  out[offset + at.links] = damped(links.links)
  out[offset + at.shorteners] = damped(links.shorteners)
  out[offset + at.paths] = damped(links.paths)
  out[offset + at.phones] = damped(runs.phones)
  out[offset + at.short_codes] = damped(runs.shortCodes)
  out[offset + at.star_codes] = damped(runs.starCodes)
  out[offset + at.prices] = damped(runs.prices)
  out[offset + at.percents] = damped(runs.percents)
  out[offset + at.handles] = damped(runs.handles)
  out[offset + at.emoji] = damped(folded.emoji)
  out[offset + at.hidden] = damped(folded.hidden)
  out[offset + at.mixed_words] = damped(folded.mixedWords)
  out[offset + at.fancy] = damped(folded.fancy)
  out[offset + at.leet] = damped(folded.leet)
  out[offset + at.joined] = damped(folded.joined / 3)
  out[offset + at.longest_word] = Math.log2(1 + runs.longestWord) / 4
  out[offset + at.longest_digits] = Math.log2(1 + runs.longestDigits) / 2
  out[offset + at.digit_runs] = damped(runs.digitRuns)
  out[offset + at.colons] = damped(runs.colons)
  out[offset + at.brackets] = damped(runs.brackets)
  out[offset + at.new_lines] = damped(newLines(text))
  out[offset + at.repeats] = damped(runs.repeats)
  countConcepts(folded, concepts)
  for (let c = 0; c < CONCEPTS.length; c++) out[offset + at[CONCEPTS[0]] + c] = damped(concepts[c]!)
}

const concepts = new Uint16Array(CONCEPTS.length)

/** Counts weigh less the more there are of them: 0, 0.5, 0.79, 1, … */
function damped(count: number): number {
  return count === 0 ? 0 : Math.min(3, Math.log2(1 + count) / 2)
}

function newLines(text: string): number {
  let count = 0
  for (let i = text.indexOf('\n'); i >= 0 && count < 64; i = text.indexOf('\n', i + 1)) count++
  return count
}

interface Runs {
  spaces: number
  signs: number
  exclamations: number
  questions: number
  dotRuns: number
  phones: number
  shortCodes: number
  starCodes: number
  prices: number
  percents: number
  handles: number
  longestWord: number
  longestDigits: number
  digitRuns: number
  colons: number
  brackets: number
  repeats: number
}

/** A fresh object a text: cheaper than seventeen fields set back to nought by their names. */
function noRuns(): Runs {
  return {
    spaces: 0,
    signs: 0,
    exclamations: 0,
    questions: 0,
    dotRuns: 0,
    phones: 0,
    shortCodes: 0,
    starCodes: 0,
    prices: 0,
    percents: 0,
    handles: 0,
    longestWord: 0,
    longestDigits: 0,
    digitRuns: 0,
    colons: 0,
    brackets: 0,
    repeats: 0,
  }
}

let runs = noRuns()

/** One pass over the skeleton: signs, runs of digits, words. */
function scanRuns(folded: Normalised): Runs {
  const { units, length } = folded
  runs = noRuns()
  let wordStart = 1
  for (let i = 1; i < length; i++) {
    const code = units[i]!
    if (code === SPACE) {
      runs.spaces++
      runs.longestWord = Math.max(runs.longestWord, i - wordStart)
      wordStart = i + 1
    } else if (code === DIGIT) {
      i = scanDigits(units, i, length) - 1
    } else if (code < 97 || code === 0xa3 || code === 0x20ac || (code > 122 && code < 128)) {
      countSign(code, units[i - 1]!, units[i + 1] ?? 0)
    } else if (code === units[i - 1] && code === units[i - 2]) runs.repeats++
  }
  return runs
}

function countSign(code: number, before: number, after: number): void {
  runs.signs++
  if (code === 33) runs.exclamations++
  else if (code === 63) runs.questions++
  else if (code === 46) runs.dotRuns += before === 46 ? 1 : 0
  else if (code === 37) runs.percents += before === DIGIT ? 1 : 0
  else if (code === 36 || code === 0xa3 || code === 0x20ac) runs.prices++
  else if (code === 64) runs.handles += before === SPACE && after !== SPACE ? 1 : 0
  else if (code === 58) runs.colons++
  else if (code === 40 || code === 91 || code === 60) runs.brackets++
}

/** A number as people write it: digits with single spaces, dots, commas or dashes between; gives the end. */
function scanDigits(units: Uint16Array, from: number, length: number): number {
  let digits = 0
  let i = from
  let end = from
  while (i < length) {
    if (units[i] === DIGIT) {
      digits++
      end = ++i
    } else if (
      units[i + 1] === DIGIT &&
      (units[i] === SPACE || units[i] === 45 || units[i] === 46 || units[i] === 44)
    ) {
      if (units[i] === SPACE) runs.spaces++
      i++
    } else break
  }
  const before = units[from - 1]
  runs.digitRuns++
  runs.longestDigits = Math.max(runs.longestDigits, digits)
  if (digits >= 9 && digits <= 15) runs.phones++
  else if (digits >= 4 && digits <= 6) runs.shortCodes++
  if (before === 42 && (units[end] === 35 || units[end] === 42)) runs.starCodes++
  return end
}

interface Links {
  links: number
  shorteners: number
  paths: number
}
const found: Links = { links: 0, shorteners: 0, paths: 0 }

/** Host names with an ending that is in use, also where spaces were put around the dot; and what begins with a scheme. */
function scanLinks(folded: Normalised): Links {
  const { units, length } = folded
  found.links = found.shorteners = found.paths = 0
  for (let i = 2; i + 2 < length; i++) {
    if (units[i] === 58 && units[i + 1] === 47) found.links++
    if (units[i] !== 46) continue
    const spaceBefore = units[i - 1] === SPACE
    const spaceAfter = units[i + 1] === SPACE
    const start = i + (spaceAfter ? 2 : 1)
    const end = lettersEnd(units, start, Math.min(length, start + 8))
    if (end - start < 2 || end - start > 6) continue
    const ending = String.fromCharCode(...units.subarray(start, end))
    const path = units[end] === 47
    if (spaceAfter && !spaceBefore && !path) continue
    if (!ENDINGS.has(ending)) continue
    found.links++
    if (path) found.paths++
    const hostEnd = spaceBefore ? i - 1 : i
    const hostStart = wordStart(units, hostEnd)
    if (
      hostEnd - hostStart <= 8 &&
      SHORTENERS.has(`${String.fromCharCode(...units.subarray(hostStart, hostEnd))}.${ending}`)
    ) {
      found.shorteners++
    }
  }
  return found
}

function lettersEnd(units: Uint16Array, from: number, limit: number): number {
  let i = from
  while (i < limit && units[i]! >= 97 && units[i]! <= 122) i++
  return i
}

function wordStart(units: Uint16Array, end: number): number {
  let i = end
  while (i > 0 && i > end - 9 && ((units[i - 1]! >= 97 && units[i - 1]! <= 122) || units[i - 1] === DIGIT)) i--
  return i
}
