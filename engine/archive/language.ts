/** Longest piece of a text that is looked at; more changes nothing. */
const LOOKED_AT = 200
const CACHE = 20_000

/** Says the language of a text, an ISO 639-1 code, empty when it cannot tell. */
export type LanguageReader = (text: string) => string

/**
 * A language reader over eld's smallest tables (60 languages, 44 µs a text here). Bulk messages repeat, so answers are
 * remembered by the text's beginning; nothing of it leaves this process.
 */
export async function createLanguageReader(): Promise<LanguageReader> {
  const { eld } = await import('eld/extrasmall')
  let known = new Map<string, string>()
  return text => {
    const piece = text.slice(0, LOOKED_AT)
    const before = known.get(piece)
    if (before !== undefined) return before
    const result = eld.detect(piece)
    const language = result.isReliable() ? result.language : ''
    if (known.size >= CACHE) known = new Map()
    known.set(piece, language)
    return language
  }
}
