import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import type { RecordingContext, RecordingFormat, RecordingSink } from '../recording.ts'
import { decodeActivity } from './activity-line.ts'
import { columnNames, requiredColumns } from './columns.ts'
import { deriveActivities } from './derive.ts'
import { LINE_BYTES } from './feed.ts'
import { type LineSink, lineSplitter } from './lines.ts'
import { type TableOptions, tableReader } from './table.ts'
import { parseTime } from './time.ts'

const CHUNK_BYTES = 262_144

const csvTable: TableOptions = { separator: ',', quoted: true, required: requiredColumns }
const tsvTable: TableOptions = {
  separator: '\t',
  quoted: false,
  required: ['time', 'from', 'to', 'text'],
  kind: 'message',
}
const tsvHeader = ['time', 'from', 'to', 'text']

/** Call and message records: CSV `time,kind,from,to,duration,outcome[,text]`, columns in any order. */
const csvRecords: RecordingFormat = {
  format: 'records',
  detect: head => countHeadings(firstLine(head), ',') >= 3,
  read: (path, sink, context) => readTable(path, csvTable, sink, context),
}

/** Message records: TSV `time<TAB>from<TAB>to<TAB>text`, with or without the header. */
const tsvMessages: RecordingFormat = {
  format: 'messages',
  detect(head) {
    const line = firstLine(head)
    return countHeadings(line, '\t') >= 2 || looksLikeMessage(line)
  },
  async read(path, sink, context) {
    const headed = countHeadings(firstLine(await readHead(path)), '\t') >= 2
    await readTable(path, headed ? tsvTable : { ...tsvTable, header: tsvHeader }, sink, context)
  },
}

/** Activities as they are on the log, one JSON object a line, each checked against its schema. */
export const activityLines: RecordingFormat = {
  format: 'activity',
  detect: head => firstLine(head).trimStart().startsWith('{'),
  async read(path, sink, context) {
    await readLines(path, context, sink, (bytes, start, end, line) => {
      const decoded = decodeActivity(bytes.subarray(start, end))
      if (decoded.ok) sink.activity(decoded.value)
      else sink.dropped(decoded.reason, `line ${line}`)
    })
  },
}

/** What this folder recognises, in the order to ask in. */
export const recordFormats: readonly RecordingFormat[] = [csvRecords, tsvMessages, activityLines]

async function readTable(
  path: string,
  options: TableOptions,
  sink: RecordingSink,
  context: RecordingContext,
): Promise<void> {
  const derivation = deriveActivities(context.identity, 'records', undefined, sink.activity)
  const table = tableReader(options, {
    row: derivation.record,
    missing(column, line) {
      throw new RingfenceError('INPUT_INVALID', `${basename(path)} line ${line}: column ${column} is missing`, {
        hint: `the header names ${options.required.join(', ')} in any order; text, trunk and peer may follow`,
      })
    },
    dropped: (reason, line) => sink.dropped(reason, `line ${line}`),
  })
  await readLines(path, context, sink, (bytes, start, end, line) =>
    table.line(bytes.toString('utf8', start, end), line),
  )
  table.end()
  derivation.finish()
}

async function readLines(
  path: string,
  context: RecordingContext,
  sink: RecordingSink,
  onLine: LineSink,
): Promise<void> {
  const splitter = lineSplitter(onLine, line => sink.dropped('line too long', `line ${line}`), LINE_BYTES)
  let bytesRead = 0
  for await (const chunk of fileChunks(path)) {
    splitter.push(chunk)
    bytesRead += chunk.length
    context.progress(bytesRead)
    await context.ready?.()
  }
  splitter.end()
}

/** The file in chunks of one reused buffer: a fresh one for each left 700 MB to the collector in a file of 550 MB. */
async function* fileChunks(path: string): AsyncGenerator<Buffer> {
  const unreadable = (error: unknown) =>
    new RingfenceError('INPUT_UNREADABLE', `${path} cannot be read: ${messageOf(error)}`, { cause: error })
  const file = await open(path).catch(error => Promise.reject(unreadable(error)))
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES).catch(error => Promise.reject(unreadable(error)))
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

async function readHead(path: string): Promise<Buffer> {
  for await (const chunk of fileChunks(path)) return Buffer.from(chunk.subarray(0, 4096))
  return Buffer.alloc(0)
}

function firstLine(head: Uint8Array): string {
  const text = new TextDecoder().decode(head)
  const end = text.search(/[\r\n]/)
  return end < 0 ? text : text.slice(0, end)
}

function countHeadings(line: string, separator: string): number {
  const headings = line.split(separator).map(heading => heading.trim().toLowerCase().replaceAll('"', ''))
  return columnNames.filter(name => headings.includes(name)).length
}

function looksLikeMessage(line: string): boolean {
  const fields = line.split('\t')
  return fields.length >= 4 && !Number.isNaN(parseTime(fields[0]!))
}
