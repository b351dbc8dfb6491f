import { type ColumnName, type Columns, findColumns, readRow } from './columns.ts'
import { closesQuote, readCsv } from './csv.ts'
import { emptyRow, type RecordRow } from './record.ts'

/** Lines that one quoted field may go over, and characters it may hold: beyond, its first line is given up. */
const QUOTED_LINES = 64
const QUOTED_CHARACTERS = 131_072

export interface TableOptions {
  readonly separator: string
  /** Text files of tab-separated values have no quoting: a quote is a quote. */
  readonly quoted: boolean
  readonly required: readonly ColumnName[]
  readonly mapping?: Readonly<Partial<Record<ColumnName, string>>>
  /** Kind of every line where there is no column for it. */
  readonly kind?: RecordRow['kind']
  /** The feed's own release causes by the names known here. */
  readonly outcomes?: Readonly<Record<string, string>>
  /** Headings of a file that has none. */
  readonly header?: readonly string[]
}

export interface TableSink {
  /** One record; the row is reused. Returns why it is refused. */
  readonly row: (row: RecordRow) => string | undefined
  /** The header lacks a required column: nothing that follows can be read. */
  readonly missing: (column: string, line: number) => void
  readonly dropped: (reason: string, line: number) => void
}

export interface TableReader {
  line(text: string, line: number): void
  /** Settles a quoted field that never closed. */
  end(): void
}

/** Reads lines of separated values, the first one being the header, into records. */
export function tableReader(options: TableOptions, sink: TableSink): TableReader {
  const row = emptyRow()
  let columns: Columns | undefined
  let unreadable = false
  let lastColumn: number | undefined
  if (options.header !== undefined) useHeader(options.header, 0)

  // Lines of a quoted field that is still open, the first of them numbered `openLine`.
  let open: string[] = []
  let openLine = 0
  let openLength = 0

  function useHeader(fields: readonly string[], line: number): void {
    const found = findColumns(fields, options.required, options.mapping)
    if ('missing' in found) {
      unreadable = true
      sink.missing(found.missing, line)
      return
    }
    columns = found.columns
    // Unquoted text may hold the separator when it is the last column: it takes the rest of the line.
    lastColumn = !options.quoted && columns.text === fields.length - 1 ? columns.text : undefined
  }

  function take(fields: readonly string[], line: number): void {
    if (columns === undefined) {
      useHeader(fields, line)
      return
    }
    const fault = readRow(fields, columns, row, options.kind, options.outcomes) ?? sink.row(row)
    if (fault !== undefined) sink.dropped(fault, line)
  }

  /** Gives up the first line of an open field and reads the others as if it had not been there. */
  function giveUp(reason: string): void {
    const lines = open
    const first = openLine
    open = []
    openLength = 0
    sink.dropped(reason, first)
    for (let i = 1; i < lines.length; i++) read(lines[i]!, first + i)
  }

  function continueField(text: string, line: number): void {
    // Empty lines inside the field are passed over by the splitter; their place is kept.
    while (openLine + open.length < line) open.push('')
    open.push(text)
    openLength += text.length + 1
    if (closesQuote(text)) {
      const parsed = readCsv(open.join('\n'), options.separator)
      if (parsed.kind === 'fields') {
        const first = openLine
        open = []
        openLength = 0
        take(parsed.fields, first)
      } else if (parsed.kind === 'broken') giveUp(parsed.reason)
    }
    if (open.length > QUOTED_LINES || openLength > QUOTED_CHARACTERS) giveUp('quoted field is not closed')
  }

  function read(text: string, line: number): void {
    if (open.length > 0) {
      continueField(text, line)
      return
    }
    const parsed = readCsv(text, options.separator)
    if (parsed.kind === 'fields') take(parsed.fields, line)
    else if (parsed.kind === 'broken') sink.dropped(parsed.reason, line)
    else {
      open = [text]
      openLine = line
      openLength = text.length
    }
  }

  return {
    line(text, line) {
      if (unreadable) return
      if (options.quoted) read(text, line)
      else take(splitPlain(text, options.separator, lastColumn), line)
    },
    end() {
      while (open.length > 0) giveUp('quoted field is not closed')
    },
  }
}

/** Splits at every separator, or up to the field `last`, which takes the rest. */
function splitPlain(text: string, separator: string, last: number | undefined): readonly string[] {
  const fields = text.split(separator)
  if (last === undefined || fields.length <= last + 1) return fields
  return [...fields.slice(0, last), fields.slice(last).join(separator)]
}
