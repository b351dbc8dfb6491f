import { LINK_ENDINGS, SHORTENERS, WORD_ENDINGS } from './words.ts'

/** Where a link stands in a text. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly shortened: boolean
}

const DOT = 0x2e
const SLASH = 0x2f
const COLON = 0x3a

/** Finds links, word by word: with a scheme, with `www.`, or a host name with a known ending. */
export function scanLinks(text: string, out: Span[]): void {
  // A dot (or an ideographic one) there must be: most chat has none, and is done here.
  if (text.indexOf('.') < 0 && text.indexOf('://') < 0) return
  let start = 0
  let dotted = false
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : 0x20
    if (unit === DOT || unit === COLON) dotted = true
    if (!isBreak(unit)) continue
    if (dotted && i - start >= 4) readWord(text, start, i, out)
    start = i + 1
    dotted = false
  }
}

/** Spaces, quotes, brackets, commas, and everything beyond Latin: host names of texts at hand are ASCII. */
function isBreak(unit: number): boolean {
  return (
    unit <= 0x22 ||
    unit > 0x7e ||
    unit === 0x27 ||
    unit === 0x28 ||
    unit === 0x29 ||
    unit === 0x2c ||
    unit === 0x3b ||
    unit === 0x3c ||
    unit === 0x3e ||
    unit === 0x5b ||
    unit === 0x5d
  )
}

function readWord(text: string, from: number, to: number, out: Span[]): void {
  let start = from
  let end = to
  while (end > start && isTail(text.charCodeAt(end - 1))) end--
  const scheme = text.indexOf('://', start)
  const schemed = scheme >= 0 && scheme < end
  if (schemed) start = scheme + 3
  let host = start
  let at = false
  while (host < end) {
    const unit = text.charCodeAt(host)
    if (unit === SLASH || unit === 0x3f || unit === 0x23) break
    if (unit === COLON && !schemed && host > start) break
    if (unit === 0x40) at = true
    host++
  }
  if (at && !schemed) return
  const name = text.slice(start, host).toLowerCase()
  if (!schemed && !isHost(name, host < end && text.charCodeAt(host) === SLASH)) return
  if (schemed && name.length === 0) return
  const bare = name.startsWith('www.') ? name.slice(4) : name
  out.push({ start: from, end, shortened: SHORTENERS.has(bare) })
}

function isTail(unit: number): boolean {
  return unit === DOT || unit === COLON || unit === 0x21 || unit === 0x3f || unit === 0x2a || unit === 0x5f
}

function isHost(name: string, hasPath: boolean): boolean {
  const dot = name.lastIndexOf('.')
  if (dot <= 0 || dot === name.length - 1 || name.includes('..')) return false
  const ending = name.slice(dot + 1)
  if (name.startsWith('www.') && dot > 4) return true
  if (!LINK_ENDINGS.has(ending) && !(hasPath && /^[a-z]{2,12}$/.test(ending))) return false
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) return false
  return hasPath || !WORD_ENDINGS.has(ending) || name.split('.').length > 2
}
