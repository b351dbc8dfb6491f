import { type Static, Type } from '@sinclair/typebox'
import { loadConfig } from '../config/index.ts'
import { RingfenceError } from '../errors/index.ts'

const Range = (description: string, low: number, mid: number, high: number, source = ASSUMED) =>
  Type.Object(
    {
      low: Type.Number({ minimum: 0, default: low, description: 'low estimate' }),
      mid: Type.Number({ minimum: 0, default: mid, description: 'middle estimate' }),
      high: Type.Number({ minimum: 0, default: high, description: 'high estimate' }),
      source: Type.String({ default: source, description: 'where the figures come from' }),
    },
    { description },
  )
/** What a report prints beside figures that nobody has replaced yet. */
export const ASSUMED = 'assumption of this software, to be replaced'

const Item = Type.Object({
  item: Type.Object({ en: Type.String(), fr: Type.String() }, { description: 'what was or will be bought' }),
  kind: Type.Optional(
    Type.String({
      description: 'network, facilities, terminal equipment or applications (Resolution 52, considering d)',
    }),
  ),
  low: Type.Number({ minimum: 0 }),
  mid: Type.Number({ minimum: 0 }),
  high: Type.Number({ minimum: 0 }),
  source: Type.String({ minLength: 1, description: 'where the figures come from' }),
})

/** Everything that the archive cannot know: a YAML file that an operator edits. Every figure is printed in the report. */
const inputsSchema = Type.Object({
  operator: Type.Object({
    name: Type.String({ default: 'Operator', description: 'printed on the report; names its column in a merge' }),
    country: Type.String({ default: '', description: 'ISO 3166 country; empty takes the jurisdiction pack’s' }),
    subscribers: Type.Integer({
      default: 0,
      minimum: 0,
      description: 'lines served; 0 leaves per-subscriber figures out',
    }),
  }),
  currency: Type.String({ default: 'EUR', pattern: '^[A-Z]{3}$', description: 'ISO 4217 code of every amount' }),
  investment: Type.Object({
    made: Type.Array(Item, { default: [], description: 'already made' }),
    planned: Type.Array(Item, { default: [], description: 'to be made' }),
  }),
  prices: Type.Object({
    cpuCoreHour: Range('one hour of one CPU core', 0.01, 0.03, 0.06),
    memoryGibHour: Range('one hour of one GiB of memory', 0.002, 0.004, 0.008),
    storageGibMonth: Range('one month of one GiB of storage', 0.01, 0.025, 0.1),
  }),
  attention: Type.Object({
    messageSeconds: Range('time that a recipient gives to one spam message (s)', 3, 8, 20),
    ringSeconds: Range('time that one unanswered spam call takes from a recipient (s)', 2, 5, 12),
  }),
  losses: Type.Object({
    terminationPerMinute: Range('termination revenue of one minute', 0.002, 0.005, 0.01),
    disputedShare: Range('share of spam minutes whose termination is never paid', 0.02, 0.1, 0.3),
    bypassPerMinute: Range('international termination lost on one minute of bypass', 0.02, 0.08, 0.2),
    premiumPerMinute: Range('premium charge of one fraudulent minute', 0.5, 1.5, 3),
    premiumUnrecovered: Range('share of premium charges that the operator bears', 0.1, 0.4, 0.8),
    churnPerComplainant: Range('probability that a complainant leaves because of it', 0.002, 0.01, 0.03),
    revenuePerSubscriberMonth: Range('revenue of a subscriber a month', 5, 12, 25),
    churnMonths: Range('months of revenue lost with a leaver', 6, 12, 24),
    contactsPerComplaint: Range('contacts with customer care behind one complaint', 0.2, 0.5, 1),
    costPerContact: Range('cost of one contact with customer care', 2, 4, 8),
  }),
  report: Type.Object({
    suppressBelow: Type.Integer({ default: 5, minimum: 0, description: 'merged cells of fewer events are not shown' }),
    top: Type.Integer({ default: 15, minimum: 3, maximum: 200, description: 'rows of a ranking' }),
  }),
})
export type Inputs = Static<typeof inputsSchema>
export type Range = Static<ReturnType<typeof Range>>

/**
 * Reads a study's inputs; empty text gives the defaults.
 * @throws RingfenceError CONFIG_INVALID with file, line and key; also where low, mid and high are not in order
 */
export function readInputs(text: string, file: string): Inputs {
  const inputs = loadConfig(inputsSchema, { text, file })
  const check = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    const { low, mid, high } = value as Partial<Range>
    if (low !== undefined && mid !== undefined && high !== undefined && !(low <= mid && mid <= high))
      throw new RingfenceError(
        'CONFIG_INVALID',
        `${file}: ${path}: low ${low}, mid ${mid}, high ${high} are not in order`,
      )
    for (const [key, child] of Object.entries(value)) check(child, path === '' ? key : `${path}.${key}`)
  }
  check(inputs, '')
  return inputs
}
