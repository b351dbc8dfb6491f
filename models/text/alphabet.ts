/**
 * One table from UTF-16 code unit to the letter that it looks like: the skeleton of UTS #39, section 4, folded for case.
 * Cyrillic and Greek letters that pass for Latin ones become Latin everywhere, so that a text and its homoglyph
 * rewriting give the same n-grams; a wholly Russian word changes too, but always in the same way.
 */

/** Code of a character that is dropped: zero-width, control, combining mark on a letter that does without. */
export const DROPPED = 0
/** Code of white space of any kind. */
export const SPACE = 32
/** Code of the digit nought, and of any digit once a text is normalised: numbers count by shape, not by value. */
export const DIGIT = 48

// Look-alikes, from Unicode's confusables.txt (UTS #39 revision 30): the ones that a phone's font draws alike.
const LOOKALIKES: Readonly<Record<string, string>> = {
  a: 'аαᴀɑ',
  b: 'вьЬᏏʙƅɓъ',
  c: 'сϲᴄςⅽ',
  d: 'ԁᴅɗđⅾ',
  e: 'еёɛєᴇℯ℮',
  f: 'ꜰƒ',
  g: 'ɡɢցġ',
  h: 'нһհʜħ',
  i: 'іїιɪıɩ',
  j: 'јϳᴊյ',
  k: 'кκᴋƙ',
  l: 'ӏłⅼℓʟ',
  m: 'мᴍⅿ',
  n: 'ηոɴղп',
  o: 'оοօᴏøσ',
  p: 'рρᴘƥ',
  q: 'ԛզգ',
  r: 'гяʀ',
  s: 'ѕꜱʂ',
  t: 'тτᴛŧƭ',
  u: 'υսᴜʉ',
  v: 'ѵνᴠⅴ',
  w: 'ԝωᴡա',
  x: 'хχⅹ',
  y: 'уγʏყ',
  z: 'ᴢʐ',
  "'": '‘’‚‛ʼ`´“”„«»"',
  '-': '–—―‐‑‒−',
  '.': '。․•·∙',
  ',': '，、،；؛',
  '?': '؟',
}

/** Marks of Latin, Greek and Cyrillic letters go; those of Thai, Arabic or Devanagari are letters of their own. */
function isLatinMark(code: number): boolean {
  return (code >= 0x300 && code <= 0x36f) || (code >= 0x483 && code <= 0x489) || (code >= 0x1ab0 && code <= 0x1aff)
}

function isDropped(code: number): boolean {
  if (code < 32) return code !== 9 && code !== 10 && code !== 13
  if (isLatinMark(code) || (code >= 0x7f && code < 0xa0) || code === 0xad || code === 0x34f) return true
  // Arabic vowel points and the stretching tatweel; zero-width and direction marks; variation selectors.
  if ((code >= 0x64b && code <= 0x65f) || code === 0x640 || code === 0x61c || code === 0x115f || code === 0x1160)
    return true
  if ((code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e)) return true
  if ((code >= 0x2060 && code <= 0x206f) || code === 0x3164 || code === 0x180e) return true
  return (code >= 0xfe00 && code <= 0xfe0f) || code === 0xfeff || code === 0xffa0 || (code >= 0x20d0 && code <= 0x20ff)
}

/** Whether a dropped code unit hides in a text on purpose: a reader cannot see it. */
export function isHidden(code: number): boolean {
  return (
    (code >= 0x200b && code <= 0x200f && code !== 0x200d) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0xad ||
    code === 0x34f ||
    code === 0x180e ||
    code === 0xfeff
  )
}

/** Letters of one script, coarsely: 1 Latin, 2 Cyrillic, 3 Greek, 4 Armenian; 0 anything that mixes freely. */
export function scriptOf(code: number): number {
  if (code < 0x41) return 0
  if (code < 0x250) return code < 0x7b ? (code < 0x5b || code > 0x60 ? 1 : 0) : code >= 0xc0 ? 1 : 0
  if (code >= 0x250 && code < 0x2b0) return 1
  if (code >= 0x370 && code < 0x400) return 3
  if (code >= 0x400 && code < 0x530) return 2
  return code >= 0x530 && code < 0x590 ? 4 : 0
}

let table: Uint16Array | undefined

/** The table of 65,536 entries, made at first use (40 ms) and shared. */
export function skeletonTable(): Uint16Array {
  table ??= buildTable()
  return table
}

function buildTable(): Uint16Array {
  const made = new Uint16Array(0x10000)
  for (let code = 0; code < 0x10000; code++) made[code] = skeletonOf(code)
  for (const [to, twins] of Object.entries(LOOKALIKES)) {
    const plain = to.charCodeAt(0)
    for (const letter of twins) {
      made[letter.charCodeAt(0)] = plain
      const upper = letter.toUpperCase()
      // Both cases go one way, or case itself would change the n-grams.
      if (upper.length === 1 && upper !== letter) made[upper.charCodeAt(0)] = plain
    }
  }
  return made
}

/** Value of a decimal digit of any script, full-width ones included, else -1: digits come in blocks of ten from nought. */
function digitOf(letter: string): number {
  if (!/\p{Nd}/u.test(letter)) return -1
  let value = 0
  let code = letter.charCodeAt(0)
  while (value < 9 && /\p{Nd}/u.test(String.fromCharCode(code - 1))) {
    code--
    value++
  }
  return value
}

function skeletonOf(code: number): number {
  if (isDropped(code)) return DROPPED
  if (code >= 0xd800 && code <= 0xdfff) return code
  const letter = String.fromCharCode(code)
  if (/\s/u.test(letter)) return SPACE
  const value = digitOf(letter)
  if (value >= 0) return DIGIT + value
  const compatible = letter.normalize('NFKC')
  if (compatible.trim() === '') return SPACE
  // Latin, Greek, Cyrillic: take the marks off. Hangul and kana stay composed.
  const bare = code < 0x530 || (code >= 0x1e00 && code < 0x2000) ? compatible.normalize('NFKD') : compatible
  const lower = bare.toLowerCase()
  for (let i = 0; i < lower.length; i++) {
    const unit = lower.charCodeAt(i)
    if (!isDropped(unit)) return unit
  }
  return DROPPED
}
