import { ANSWERED, outcomeNames, outcomeOf, type RecordRow } from './record.ts'
import { parseTime } from './time.ts'

/** What a record file can tell, by the name of its column. */
export const columnNames = [
  'time',
  'kind',
  'from',
  'to',
  'duration',
  'outcome',
  'text',
  'trunk',
  'peer',
  'consent',
] as const
export type ColumnName = (typeof columnNames)[number]

/** Where each column stands, -1 for one that is not there. */
export type Columns = Readonly<Record<ColumnName, number>>

/** Columns that records of calls and messages must have. */
export const requiredColumns: readonly ColumnName[] = ['time', 'kind', 'from', 'to', 'duration', 'outcome']

/**
 * Finds the columns in a header line, in any order and case. `mapping` says under which heading a column goes in this feed;
 * `constants` are columns that need no place because the feed is all of one kind.
 * Returns the columns, or the name of the first required one that is missing.
 */
export function findColumns(
  header: readonly string[],
  required: readonly ColumnName[] = requiredColumns,
  mapping: Readonly<Partial<Record<ColumnName, string>>> = {},
): { readonly columns: Columns } | { readonly missing: string } {
  const headings = header.map(heading => heading.trim().toLowerCase())
  const columns: Record<ColumnName, number> = {
    time: -1,
    kind: -1,
    from: -1,
    to: -1,
    duration: -1,
    outcome: -1,
    text: -1,
    trunk: -1,
    peer: -1,
    consent: -1,
  }
  for (const name of columnNames) {
    const heading = mapping[name] ?? name
    columns[name] = headings.indexOf(heading.trim().toLowerCase())
    if (columns[name] < 0 && (required.includes(name) || mapping[name] !== undefined)) return { missing: heading }
  }
  return { columns }
}

/** Why a line is no record: a closed set, so that drops can be counted by it. */
export type RowFault =
  | `column ${ColumnName} is missing`
  | 'time is neither ISO 8601 nor epoch seconds or milliseconds'
  | 'kind is neither call nor message'
  | 'from is empty'
  | 'to is empty'
  | 'duration is not a number of seconds from 0 to 2678400'
  | `outcome is none of ${typeof outcomeNames}`

const MONTH_S = 2_678_400

/**
 * Reads the fields of one line into `row` (one row is reused for a whole file); returns what is wrong, or undefined.
 * @param fixedKind the kind of every line where the feed has no column for it
 * @param outcomes the feed's own release causes by the names known here
 */
export function readRow(
  fields: readonly string[],
  columns: Columns,
  row: RecordRow,
  fixedKind?: RecordRow['kind'],
  outcomes: Readonly<Record<string, string>> = {},
): RowFault | undefined {
  const short = firstMissing(fields, columns)
  if (short !== undefined) return `column ${short} is missing`
  row.timeMs = parseTime(fields[columns.time]!)
  if (Number.isNaN(row.timeMs)) return 'time is neither ISO 8601 nor epoch seconds or milliseconds'
  const kind = columns.kind < 0 ? fixedKind : kindOf(fields[columns.kind]!)
  if (kind === undefined) return 'kind is neither call nor message'
  row.kind = kind
  row.from = fields[columns.from]!
  row.to = fields[columns.to]!
  if (row.from === '') return 'from is empty'
  if (row.to === '') return 'to is empty'
  row.trunk = columns.trunk < 0 ? '' : fields[columns.trunk]!
  row.peer = columns.peer < 0 ? '' : fields[columns.peer]!
  if (kind === 'call') return readCall(fields, columns, row, outcomes)
  row.text = columns.text < 0 ? '' : (fields[columns.text] ?? '')
  row.consent = columns.consent < 0 ? undefined : consentOf(fields[columns.consent]!)
  return undefined
}

function consentOf(text: string): boolean | undefined {
  return text === '' ? undefined : !/^(0|no|n|false)$/i.test(text.trim())
}

function readCall(
  fields: readonly string[],
  columns: Columns,
  row: RecordRow,
  outcomes: Readonly<Record<string, string>>,
): RowFault | undefined {
  row.text = ''
  row.consent = undefined
  const duration = columns.duration < 0 ? '' : fields[columns.duration]!
  const said = columns.outcome < 0 ? '' : fields[columns.outcome]!
  const outcome = Object.hasOwn(outcomes, said) ? outcomes[said]! : said
  row.durationS = duration === '' ? 0 : Number(duration)
  if (!(row.durationS >= 0 && row.durationS <= MONTH_S)) return 'duration is not a number of seconds from 0 to 2678400'
  // A feed without outcomes: talk time says that somebody answered.
  const known = outcome === '' && row.durationS > 0 ? ANSWERED : outcomeOf(outcome)
  if (known === undefined) return `outcome is none of ${outcomeNames}`
  if (known.answered && duration === '') return 'duration is not a number of seconds from 0 to 2678400'
  row.outcome = known
  return undefined
}

function kindOf(text: string): RecordRow['kind'] | undefined {
  if (text === 'call' || text === 'message') return text
  const name = text.trim().toLowerCase()
  if (name === 'call' || name === 'voice') return 'call'
  return name === 'message' || name === 'sms' ? 'message' : undefined
}

/** The first column that a short line does not reach; the text may be left away. */
function firstMissing(fields: readonly string[], columns: Columns): ColumnName | undefined {
  for (const name of columnNames) {
    if (columns[name] >= fields.length && name !== 'text') return name
  }
  return undefined
}
