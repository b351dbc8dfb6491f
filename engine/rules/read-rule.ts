import { isScalar, type Node, type Scalar } from 'yaml'
import { type ActivityKind, activityKinds, SpamClass, type Verdict } from '../activity/index.ts'
import { type Analysis, analyses, type ModelName, modelNames, type RuleState, ruleStates } from './pack.ts'
import {
  type Place,
  type Placed,
  readBilingual,
  readChoice,
  readDuration,
  readItems,
  readMap,
  readNumber,
  readText,
  readWord,
  type Source,
} from './source.ts'
import { localClock, type Schedule, type Scope, scopeFields, weekdayNames } from './when-where.ts'

/** A rule or composite as one layer writes it: any field but the symbol may be left to the layers below. */
export interface DraftFields {
  readonly on?: Placed<readonly ActivityKind[]>
  readonly when?: Placed<string> & { readonly placeAt: (offset: number) => Place }
  readonly score?: Placed<number>
  readonly group?: Placed<string>
  readonly category?: Placed<string>
  readonly analysis?: Placed<Analysis>
  readonly state?: Placed<RuleState>
  readonly says?: Placed<{ en: string; fr: string }>
  readonly references?: Placed<readonly string[]>
  readonly class?: Placed<NonNullable<Verdict['class']>>
  readonly hold?: Placed<number>
  readonly halfLife?: Placed<number>
  readonly schedule?: Placed<Schedule>
  readonly scope?: Placed<Scope>
  readonly protects?: Placed<'target'>
  readonly model?: Placed<ModelName>
}
export type DraftField = keyof DraftFields

export interface Draft extends DraftFields {
  readonly symbol: Placed<string>
  /** Fields that were given but could not be read; they have their problem already. */
  readonly broken: readonly string[]
}

const ruleFields = [
  'symbol',
  'on',
  'when',
  'score',
  'group',
  'category',
  'analysis',
  'state',
  'says',
  'references',
  'class',
  'hold',
  'halfLife',
  'schedule',
  'scope',
  'protects',
] as const
const compositeFields = ruleFields.filter(field => !['on', 'analysis', 'schedule', 'scope', 'protects'].includes(field))
const modelFields = [...compositeFields.filter(field => field !== 'when'), 'model'] as const
const validFields = { rule: ruleFields, composite: compositeFields, model: modelFields } as const
export type DraftKind = keyof typeof validFields
const spamClasses = (SpamClass as unknown as { enum: NonNullable<Verdict['class']>[] }).enum

/** Reads one rule or composite; what is wrong becomes problems of the source. */
export function readDraft(source: Source, node: Node, what: DraftKind): Draft | undefined {
  const entries = readMap(source, node, what, validFields[what])
  if (entries === undefined) return undefined
  const symbolNode = entries.get('symbol')
  if (symbolNode === undefined) {
    source.problem(source.place(node), what, 'has no symbol')
    return undefined
  }
  const symbol = readText(source, symbolNode, `${what}.symbol`)
  if (symbol === undefined) return undefined
  if (!/^[A-Z][A-Z0-9_]{2,63}$/.test(symbol.value)) {
    source.problem(symbol.at, `${what}.symbol`, `"${symbol.value}" is no symbol`, 'capitals, digits and _: MY_RULE')
    return undefined
  }
  const broken: string[] = []
  const draft: Record<string, unknown> = { symbol, broken }
  for (const [field, value] of entries) {
    if (field === 'symbol') continue
    const read = fieldReaders[field as DraftField](source, value, `${symbol.value}.${field}`)
    if (read === undefined) broken.push(field)
    else draft[field] = read
  }
  return draft as unknown as Draft
}

type FieldReader = (source: Source, node: Node, field: string) => unknown

const fieldReaders: Readonly<Record<DraftField, FieldReader>> = {
  on: readKinds,
  when(source, node, field) {
    const text = readText(source, node, field)
    return text && { ...text, placeAt: (offset: number) => source.placeIn(node as Scalar, offset) }
  },
  score: (source, node, field) => readNumber(source, node, field, -20, 20),
  group: readText,
  category: readText,
  analysis: (source, node, field) => readChoice(source, node, field, analyses),
  state: (source, node, field) => readChoice(source, node, field, ruleStates),
  says: readBilingual,
  references: readTexts,
  class: (source, node, field) => readChoice(source, node, field, spamClasses),
  hold: readDuration,
  halfLife: readDuration,
  schedule: readSchedule,
  scope: readScope,
  protects: (source, node, field) => readChoice(source, node, field, ['target']),
  model: (source, node, field) => readChoice(source, node, field, modelNames),
}

function readKinds(source: Source, node: Node, field: string): Placed<readonly ActivityKind[]> | undefined {
  const kinds = readItems(node).map(item => readChoice(source, item, field, activityKinds))
  if (kinds.some(kind => kind === undefined)) return undefined
  return { value: kinds.map(kind => kind!.value), at: source.place(node) }
}

function readTexts(source: Source, node: Node, field: string): Placed<readonly string[]> | undefined {
  const texts = readItems(node).map(item => readWord(source, item, field))
  if (texts.some(text => text === undefined)) return undefined
  return { value: texts.map(text => text!.value), at: source.place(node) }
}

function readScope(source: Source, node: Node, field: string): Placed<Scope> | undefined {
  const entries = readMap(source, node, field, scopeFields)
  if (entries === undefined) return undefined
  const scope: Record<string, readonly string[]> = {}
  for (const [name, value] of entries) {
    const texts = readTexts(source, value, `${field}.${name}`)
    if (texts !== undefined) scope[name] = texts.value
  }
  return { value: scope, at: source.place(node) }
}

function readSchedule(source: Source, node: Node, field: string): Placed<Schedule> | undefined {
  const entries = readMap(source, node, field, ['hours', 'weekdays', 'timezone'])
  if (entries === undefined) return undefined
  const at = source.place(node)
  const timezone = readTimezone(source, entries.get('timezone'), `${field}.timezone`)
  const hours = readHours(source, entries.get('hours'), `${field}.hours`)
  const weekdayNode = entries.get('weekdays')
  const days = weekdayNode === undefined ? undefined : readItems(weekdayNode)
  const weekdays = (days ?? []).map(item => readChoice(source, item, `${field}.weekdays`, weekdayNames))
  if (timezone === undefined || hours === undefined || weekdays.some(day => day === undefined)) return undefined
  const numbers = weekdays.map(day => weekdayNames.indexOf(day!.value))
  return { value: { ...hours, timezone, weekdays: numbers.length > 0 ? numbers : [0, 1, 2, 3, 4, 5, 6] }, at }
}

function readHours(source: Source, node: Node | undefined, field: string) {
  if (node === undefined) return { fromMinute: 0, toMinute: 1_440 }
  const match = isScalar(node) ? /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(String(node.value)) : null
  if (match !== null) {
    const [fromHour, fromRest, toHour, toRest] = match.slice(1).map(Number) as [number, number, number, number]
    const [fromMinute, toMinute] = [fromHour * 60 + fromRest, toHour * 60 + toRest]
    if (fromRest < 60 && toRest < 60 && fromMinute < 1_440 && toMinute <= 1_440) return { fromMinute, toMinute }
  }
  source.problem(
    source.place(node),
    field,
    'must be hours of the day',
    '"08:00-20:00"; "20:00-08:00" runs over midnight',
  )
  return undefined
}

/** An IANA zone that this Node knows; UTC when absent. */
export function readTimezone(source: Source, node: Node | undefined, field: string): string | undefined {
  if (node === undefined) return 'UTC'
  const text = readText(source, node, field)
  if (text === undefined) return undefined
  try {
    localClock(text.value)
    return text.value
  } catch {
    source.problem(text.at, field, `"${text.value}" is no time zone`, 'an IANA name: Europe/Paris, Africa/Dakar, UTC')
    return undefined
  }
}
