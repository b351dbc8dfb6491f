/**
 * Rewrites spam as senders do, for measuring only: other letters, rates and rules than the augmentation of training
 * (models/text/evade.ts), drawn from another generator.
 */

/** Numbers in [0, 1) out of a seed: xorshift32, not the generator that training draws from. */
export function draws(seed: number): () => number {
  let x = seed | 1
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 4294967296
  }
}

const TWINS: Readonly<Record<string, string>> = {
  a: 'ạα𝐚',
  b: 'Ьᖯ',
  c: 'ϲᴄ𝖼',
  d: 'ժ𝐝',
  e: 'ẹ℮𝑒',
  f: 'ƒ',
  g: 'ց𝗀',
  h: 'հ',
  i: 'ıɩ',
  k: 'κ',
  l: 'ⅼ𝗅',
  m: 'ⅿ',
  n: 'ոņ',
  o: 'օ𝗈ọ',
  p: 'ρ𝗉',
  r: 'г',
  s: 'ꜱ𝗌',
  t: 'τ𝗍',
  u: 'ս𝗎',
  v: 'ν',
  w: 'ա',
  x: '×х',
  y: 'γү',
  z: 'ᴢ',
}
const LEET: Readonly<Record<string, string>> = { a: '@', e: '3', i: '1', o: '0', s: '$', t: '7' }

type Evasion = (text: string, random: () => number) => string

function letters(table: Readonly<Record<string, string>>, share: number): Evasion {
  return (text, random) =>
    [...text]
      .map(letter => {
        const twins = [...(table[letter.toLowerCase()] ?? '')]
        return twins.length > 0 && random() < share ? twins[Math.floor(random() * twins.length)]! : letter
      })
      .join('')
}

export const evasions: Readonly<Record<string, Evasion>> = {
  homoglyphs: letters(TWINS, 0.3),
  leetspeak: letters(LEET, 0.35),
  spaces: (text, random) =>
    text
      .split(' ')
      .map(word => (word.length > 3 && random() < 0.3 ? [...word].join(random() < 0.7 ? ' ' : '.') : word))
      .join(' '),
  zeroWidth: (text, random) =>
    [...text].map(letter => (random() < 0.2 ? `${letter}${random() < 0.5 ? '\u200d' : '\u200b'}` : letter)).join(''),
  splitLinks: text => text.replace(/([a-z0-9])\.([a-z]{2,})/gi, '$1 . $2').replace(/:\/\//g, ': / /'),
}
