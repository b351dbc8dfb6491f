import { type Static, type TOptional, type TString, Type } from '@sinclair/typebox'
import { closed } from '../../engine/activity/index.ts'
import { contentOptions } from '../messages/index.ts'
import { type ColumnName, columnNames } from './columns.ts'
import { outcomeChoices } from './record.ts'

const mapping = Object.fromEntries(
  columnNames.map(name => [
    name,
    Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: `heading or JSON field of the ${name}` })),
  ]),
) as Record<ColumnName, TOptional<TString>>

/** Options of the records tap. */
export const recordsSchema = Type.Object({
  source: {
    ...closed(['file', 'directory', 'stdin'], 'a file read once, a directory whose new files are read, standard input'),
    default: 'directory',
  },
  path: Type.String({ default: '', description: 'the file or directory; not used for stdin' }),
  suffixes: Type.Array(Type.String({ minLength: 1, maxLength: 32 }), {
    default: ['.csv', '.jsonl'],
    description: 'of a directory, the files that are records, by the end of their names',
  }),
  pollMs: Type.Integer({
    default: 1000,
    minimum: 10,
    maximum: 3_600_000,
    description: 'how often a directory is looked at (ms)',
  }),
  settleMs: Type.Integer({
    default: 5000,
    minimum: 0,
    maximum: 86_400_000,
    description:
      'a file of a directory is read once it has not changed for so long (ms); 0 where files are moved in complete',
  }),
  done: {
    ...closed(
      ['rename', 'delete', 'keep'],
      'what becomes of a file of a directory once the event log has it: NAME.done, deleted, or left (and read again after a restart)',
    ),
    default: 'rename',
  },
  format: { ...closed(['csv', 'jsonl'], 'separated values, or one JSON object a line'), default: 'csv' },
  separator: Type.String({ default: ',', minLength: 1, maxLength: 1, description: 'between the fields of a line' }),
  header: Type.Array(Type.String({ maxLength: 256 }), {
    default: [],
    description: 'headings of files that have none; empty takes the first line of each file',
  }),
  columns: Type.Object(mapping, {
    default: {},
    additionalProperties: false,
    description: 'under which heading this feed has each column; one that is named must be there',
  }),
  kind: {
    ...closed(['', 'call', 'message'], 'what every record is, for feeds that do not say'),
    default: '',
  },
  outcomes: Type.Record(Type.String(), closed(outcomeChoices, 'what it means'), {
    default: {},
    description: "the feed's own release causes, e.g. 16: answered, 17: busy (Q.850)",
  }),
  content: contentOptions,
})
export type RecordsOptions = Static<typeof recordsSchema>
