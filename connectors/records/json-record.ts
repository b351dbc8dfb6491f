import { type ColumnName, type Columns, columnNames, type RowFault, readRow } from './columns.ts'
import type { RecordRow } from './record.ts'
import type { TableOptions } from './table.ts'

/** Every column has its place: fields are laid out in the order of their names. */
const columns = Object.fromEntries(columnNames.map((name, index) => [name, index])) as Columns

export type JsonFault = RowFault | 'not JSON' | 'not an object' | `field ${ColumnName} is neither text nor number`

/**
 * Reads one JSON object into `row` by the names of its fields, mapped as a table's columns are. Returns what is wrong.
 * The size of the line is bounded by the caller; JSON.parse does not recurse, so depth costs nothing more.
 */
export function readJsonRecord(line: string, options: TableOptions, row: RecordRow): JsonFault | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'not JSON'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not an object'
  const fields: string[] = []
  for (const name of columnNames) {
    const key = options.mapping?.[name] ?? name
    const field = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
    const text = textOf(field)
    if (text === undefined) return `field ${name} is neither text nor number`
    if (field === undefined && options.required.includes(name)) return `column ${name} is missing`
    fields.push(text)
  }
  const fixedKind = fields[columns.kind] === '' ? options.kind : undefined
  if (fixedKind !== undefined) fields[columns.kind] = fixedKind
  return readRow(fields, columns, row, undefined, options.outcomes)
}

function textOf(field: unknown): string | undefined {
  if (field === undefined || field === null) return ''
  if (typeof field === 'string') return field
  return typeof field === 'number' || typeof field === 'boolean' ? String(field) : undefined
}
