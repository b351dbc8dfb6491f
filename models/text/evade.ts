import { below, type Random } from '../training/index.ts'

/**
 * What senders do to a text so that filters miss it, for augmentation in training. The tests rewrite spam with a generator
 * of their own, with other letters and other rates, so that a model cannot pass them by having learnt this file.
 */

const HOMOGLYPHS: Readonly<Record<string, string>> = {
  a: 'аɑａ',
  c: 'сϲｃ',
  d: 'ԁｄ',
  e: 'еｅé',
  g: 'ɡｇ',
  h: 'һｈ',
  i: 'іｉí',
  j: 'јｊ',
  k: 'кｋ',
  l: 'ӏｌ',
  m: 'ｍм',
  n: 'ո',
  o: 'оοｏ',
  p: 'рρｐ',
  q: 'ԛｑ',
  r: 'ｒ',
  s: 'ѕｓ',
  t: 'тｔ',
  u: 'υｕ',
  v: 'ѵｖ',
  w: 'ԝｗ',
  x: 'хｘ',
  y: 'уｙ',
  z: 'ｚ',
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  у: 'y',
  х: 'x',
  к: 'k',
}
const LEET: Readonly<Record<string, string>> = {
  a: '4@',
  b: '8',
  e: '3',
  g: '9',
  i: '1!',
  l: '1',
  o: '0',
  s: '5$',
  t: '7',
  z: '2',
}
const HIDDEN = ['\u200b', '\u200c', '\u2060', '\ufeff', '\u00ad']

type Trick = (text: string, random: Random) => string

function letterwise(change: (letter: string, random: Random) => string | undefined, share: number): Trick {
  return (text, random) => {
    let out = ''
    for (const letter of text) out += random() < share ? (change(letter, random) ?? letter) : letter
    return out
  }
}

function pick(table: Readonly<Record<string, string>>): (letter: string, random: Random) => string | undefined {
  return (letter, random) => {
    const twins = table[letter.toLowerCase()]
    return twins === undefined ? undefined : twins[below(random, twins.length)]
  }
}

const insertSpaces: Trick = (text, random) => {
  let out = ''
  for (const word of text.split(' ')) {
    out += out === '' ? '' : ' '
    if (word.length < 4 || random() > 0.4) out += word
    else if (random() < 0.5) out += [...word].join(' ')
    else {
      const cut = 1 + below(random, word.length - 2)
      out += `${word.slice(0, cut)} ${word.slice(cut)}`
    }
  }
  return out
}

const splitLinks: Trick = (text, random) =>
  text.replace(/(https?:\/\/)?(www\.)?[a-z0-9-]+(\.[a-z0-9-]+)+/gi, link => {
    const bare = link.replace(/^https?:\/\//i, '')
    const style = below(random, 3)
    if (style === 0) return bare.replaceAll('.', ' . ')
    return style === 1 ? bare.replaceAll('.', ' .') : link.replaceAll('.', '. ')
  })

const tricks: readonly Trick[] = [
  letterwise(pick(HOMOGLYPHS), 0.4),
  letterwise(pick(LEET), 0.5),
  letterwise((letter, random) => letter + HIDDEN[below(random, HIDDEN.length)]!, 0.25),
  insertSpaces,
  splitLinks,
]

/** `text` after one or two tricks. */
export function evade(text: string, random: Random): string {
  const once = tricks[below(random, tricks.length)]!(text, random)
  return random() < 0.3 ? tricks[below(random, tricks.length)]!(once, random) : once
}
