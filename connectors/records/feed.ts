import { countDrop } from '../../engine/observe/index.ts'
import type { TapContext } from '../connector.ts'
import { contentGate, contentReader } from '../messages/index.ts'
import { type ColumnName, requiredColumns } from './columns.ts'
import { deriveActivities } from './derive.ts'
import { readJsonRecord } from './json-record.ts'
import { lineSplitter } from './lines.ts'
import type { RecordsOptions } from './options.ts'
import { emptyRow } from './record.ts'
import { type TableOptions, tableReader } from './table.ts'

/** Longest line that is read: the text of a message is 64 KB at most, in JSON up to six times that. */
export const LINE_BYTES = 1_048_576

/** A live feed of records: files one after the other, or one stream, into one order of event time. */
export interface Feed {
  /**
   * Reads one source to its end, waiting while the event log is behind. Resolves false when its header lacks a column.
   * @param isOpen asked between chunks: reading stops when it says false
   */
  read(name: string, chunks: AsyncIterable<Buffer>, isOpen: () => boolean): Promise<boolean>
  /** Gives out the ends of calls that still wait. */
  finish(): void
}

/** Opens a feed with a tap's options. */
export function openFeed(options: RecordsOptions, context: TapContext): Feed {
  const { counters, logger } = context
  const gate = contentGate(options.content, contentReader())
  const derivation = deriveActivities(
    context.identity,
    context.name,
    context.site,
    activity => {
      counters.activities++
      context.emit(activity)
    },
    (row, recipient) => gate('text/plain', row.text, recipient, row.consent),
  )
  const table: TableOptions = {
    separator: options.separator,
    quoted: true,
    required: requiredOf(options),
    mapping: mappingOf(options),
    outcomes: options.outcomes,
    ...(options.kind === '' ? undefined : { kind: options.kind }),
    ...(options.header.length === 0 ? undefined : { header: options.header }),
  }

  function drop(reason: string, name: string, line: number): void {
    countDrop(counters, reason)
    logger.warn({ file: name, line, reason }, 'record dropped')
  }

  return {
    async read(name, chunks, isOpen) {
      let readable = true
      const sink = {
        row: (row: Parameters<typeof derivation.record>[0]) => {
          const fault = derivation.record(row)
          if (fault === undefined) counters.decoded++
          return fault
        },
        missing(column: string, line: number) {
          readable = false
          countDrop(counters, 'header lacks a column')
          logger.error({ file: name, line, column }, `column ${column} is missing`)
        },
        dropped: (reason: string, line: number) => drop(reason, name, line),
      }
      const lines = options.format === 'csv' ? tableReader(table, sink) : jsonReader(table, sink)
      const splitter = lineSplitter(
        (bytes, start, end, line) => {
          counters.received++
          lines.line(bytes.toString('utf8', start, end), line)
        },
        line => drop('line too long', name, line),
        LINE_BYTES,
      )
      for await (const chunk of chunks) {
        counters.bytes += chunk.length
        splitter.push(chunk)
        if (!readable || !isOpen()) return readable
        if (context.congested()) await context.durable()
      }
      splitter.end()
      lines.end()
      return readable
    },
    finish: derivation.finish,
  }
}

interface LineSinkOf {
  readonly row: (row: ReturnType<typeof emptyRow>) => string | undefined
  readonly dropped: (reason: string, line: number) => void
}

function jsonReader(table: TableOptions, sink: LineSinkOf) {
  const row = emptyRow()
  return {
    line(text: string, line: number) {
      const fault = readJsonRecord(text, table, row) ?? sink.row(row)
      if (fault !== undefined) sink.dropped(fault, line)
    },
    end() {},
  }
}

/** A feed of messages alone has neither durations nor outcomes; one of a fixed kind need not say it. */
function requiredOf(options: RecordsOptions): ColumnName[] {
  const always: ColumnName[] = ['time', 'from', 'to']
  if (options.format === 'jsonl' || options.kind === 'message') return always
  return requiredColumns.filter(name => name !== 'kind' || options.kind === '')
}

function mappingOf(options: RecordsOptions): Partial<Record<ColumnName, string>> {
  const mapping: Partial<Record<ColumnName, string>> = {}
  for (const [name, heading] of Object.entries(options.columns)) {
    if (heading !== undefined) mapping[name as ColumnName] = heading
  }
  return mapping
}
