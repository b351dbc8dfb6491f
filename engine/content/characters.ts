/** What kind of character a UTF-16 code unit is, by one table look-up. */
export const OTHER = 0
export const SPACE = 1
export const DIGIT = 2
export const LATIN = 3
export const CYRILLIC = 4
export const GREEK = 5
/** Letters of other alphabets and abugidas. */
export const LETTER = 6
/** Ideographs and kana: one is worth about two letters and a half. */
export const IDEOGRAPH = 7
/** Characters that take no room: joiners, soft hyphens, variation selectors, direction marks. */
export const INVISIBLE = 8
/** Accents and vowel signs that stand on a letter. */
export const MARK = 9
export const EMOJI = 10
export const HIGH_SURROGATE = 11
const LOW_SURROGATE = 12

const CLASSES: readonly (readonly [RegExp, number])[] = [
  [
    // biome-ignore lint/suspicious/noMisleadingCharacterClass: single code points are classed, combining ones among them
    /[\p{Cf}\u{ad}\u{34f}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180b}-\u{180e}\u{3164}\u{fe00}-\u{fe0f}\u{ffa0}]/u,
    INVISIBLE,
  ],
  [/[\p{White_Space}\p{Cc}]/u, SPACE],
  [/\p{Nd}/u, DIGIT],
  [/\p{M}/u, MARK],
  [/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u, IDEOGRAPH],
  [/\p{Script=Latin}/u, LATIN],
  [/\p{Script=Cyrillic}/u, CYRILLIC],
  [/\p{Script=Greek}/u, GREEK],
  [/\p{L}/u, LETTER],
  [/\p{Emoji_Presentation}|[\u{2600}-\u{27bf}]/u, EMOJI],
]

let built: Uint8Array | undefined

/** Class of every UTF-16 code unit; built at the first use (some 30 ms), 64 KiB. */
export function characterClasses(): Uint8Array {
  if (built !== undefined) return built
  const table = new Uint8Array(0x10000)
  for (let unit = 0; unit < 0x10000; unit++) table[unit] = classOf(unit)
  built = table
  return table
}

function classOf(unit: number): number {
  if (unit >= 0xd800 && unit < 0xdc00) return HIGH_SURROGATE
  if (unit >= 0xdc00 && unit < 0xe000) return LOW_SURROGATE
  // The large uniform blocks: no need to ask a regular expression 38,000 times.
  if ((unit >= 0x3400 && unit < 0x4dc0) || (unit >= 0x4e00 && unit < 0xa000)) return IDEOGRAPH
  if (unit >= 0xac00 && unit < 0xd7a4) return LETTER
  if (unit >= 0xe000 && unit < 0xf900) return OTHER
  const character = String.fromCharCode(unit)
  for (const [pattern, kind] of CLASSES) if (pattern.test(character)) return kind
  return OTHER
}

/** Class of a character beyond the basic plane, from its surrogates. */
export function astralClass(high: number, low: number): number {
  const point = ((high - 0xd800) << 10) + (low - 0xdc00) + 0x10000
  if (point >= 0x20000 && point < 0x33480) return IDEOGRAPH
  if (point >= 0x1f000 && point < 0x1fb00) return EMOJI
  if (point >= 0xe0000 && point < 0xe1000) return INVISIBLE
  return point < 0x1d000 || (point >= 0x1e000 && point < 0x1f000) ? LETTER : OTHER
}

/** True for letters and ideographs of any script. */
export function isLetter(kind: number): boolean {
  return kind >= LATIN && kind <= IDEOGRAPH
}
