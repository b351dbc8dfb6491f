/** What became of a line: its fields, a quoted field that goes on in the next line, or why it cannot be read. */
export type CsvLine =
  | { readonly kind: 'fields'; readonly fields: readonly string[] }
  | { readonly kind: 'open' }
  | { readonly kind: 'broken'; readonly reason: 'text after a closing quote' }

const OPEN: CsvLine = { kind: 'open' }
const BROKEN: CsvLine = { kind: 'broken', reason: 'text after a closing quote' }

/** Reads one record of comma-separated values (RFC 4180): quoted fields may hold commas, line ends and doubled quotes. */
export function readCsv(record: string, separator: string): CsvLine {
  if (!record.includes('"')) return { kind: 'fields', fields: record.split(separator) }
  const fields: string[] = []
  let at = 0
  for (;;) {
    if (record[at] !== '"') {
      const end = record.indexOf(separator, at)
      fields.push(record.slice(at, end < 0 ? record.length : end))
      if (end < 0) return { kind: 'fields', fields }
      at = end + 1
      continue
    }
    const closing = closingQuote(record, at + 1)
    if (closing < 0) return OPEN
    fields.push(record.slice(at + 1, closing).replaceAll('""', '"'))
    if (closing + 1 === record.length) return { kind: 'fields', fields }
    if (record[closing + 1] !== separator) return BROKEN
    at = closing + 2
  }
}

/** Index of the quote that ends a field begun before `from`, -1 when there is none. */
function closingQuote(record: string, from: number): number {
  let at = record.indexOf('"', from)
  while (at >= 0 && record[at + 1] === '"') at = record.indexOf('"', at + 2)
  return at
}

/** Does `line` end an open quoted field? It does when it holds a quote that is not doubled. */
export function closesQuote(line: string): boolean {
  return closingQuote(line, 0) >= 0
}
