import { PARTY_HEADER_BYTES, type WindowName, windowIndex, windowNames } from '../state/index.ts'

/**
 * The record of a party, field by field. Counters lie grouped by window, current bucket then previous, so that rolling a
 * window is one short copy.
 */

/** Counted things and the windows they are counted over. */
export const counterWindows = {
  calls: ['10s', '1m', '10m', '1h', '24h'],
  messages: ['10s', '1m', '10m', '1h', '24h'],
  answered: ['10m', '1h', '24h'],
  failed: ['10m', '1h', '24h'],
  failed4xx: ['1h'],
  failed5xx: ['1h'],
  failed6xx: ['1h'],
  invalidTargets: ['10m', '1h', '24h'],
  missedCalls: ['10m', '1h', '24h'],
  newTargets: ['1h', '24h'],
  sequential: ['10m', '1h'],
  sameBlock: ['10m', '1h'],
  shortCalls: ['1h', '24h'],
  talks: ['1h', '24h'],
  repliesIn: ['24h'],
  unassigned: ['1h', '24h'],
  premium: ['1h', '24h'],
  international: ['1h', '24h'],
  neighbours: ['1h'],
  registrationFailures: ['1m', '10m', '1h'],
  probes: ['1m', '10m', '1h'],
  decoyHits: ['24h', '30d'],
  repeatedTexts: ['10m', '1h', '24h'],
  links: ['1h', '24h'],
  agentChanges: ['24h'],
  complaints: ['24h', '30d'],
  rejections607: ['24h', '30d'],
  callsIn: ['10s', '1m', '10m', '1h', '24h'],
  messagesIn: ['1m', '10m', '1h', '24h'],
  missedIn: ['1h'],
  otpIn: ['1h'],
  newOrigins: ['1h'],
  callbacksIn: ['1h'],
} as const satisfies Record<string, readonly WindowName[]>

export type CounterName = keyof typeof counterWindows

/**
 * Counters that are zero for almost everybody: they lie in the party's extension, which exists only while one of them, or
 * the high byte of another counter, is not zero. A record that held all of them at 16 bits would be over 570 bytes.
 */
const rare: readonly CounterName[] = [
  'failed5xx',
  'failed6xx',
  'invalidTargets',
  'sequential',
  'sameBlock',
  'unassigned',
  'premium',
  'registrationFailures',
  'probes',
  'decoyHits',
  'repeatedTexts',
  'agentChanges',
  'complaints',
  'rejections607',
]

/** One counter over one window: bytes from the start of the record or extension to the current bucket, and to the next. */
export interface CounterField {
  readonly window: number
  readonly rare: boolean
  /** Common: low byte in the record. Rare: half-word in the extension. */
  readonly at: number
  /** From current to previous, in the units of `at`. */
  readonly stride: number
  /** Common: high byte in the extension. */
  readonly high: number
}

/** Lays fields out one behind the other. */
function plan(start: number) {
  let next = start
  const names: string[] = []
  return {
    field(name: string, bytes: number, align = Math.min(bytes, 8)): number {
      next = Math.ceil(next / align) * align
      const at = next
      names.push(`${name}@${at}+${bytes}`)
      next += bytes
      return at
    },
    bytes: () => Math.ceil(next / 8) * 8,
    names: () => names.join(' '),
  }
}

const record = plan(PARTY_HEADER_BYTES)
// The first word of a free extension is its link: nothing else lies there.
const extension = plan(8)

/** Byte offsets of the fields that are not counters. */
export const at = {
  firstSeconds: record.field('first', 4),
  activities: record.field('activities', 4),
  extension: record.field('extension', 4),
  outCalls: record.field('outCalls', 4),
  outAll: record.field('outAll', 4),
  inAll: record.field('inAll', 4),
  inCalls: record.field('inCalls', 4),
  talks: record.field('talks', 4),
  talkMean: record.field('talkMean', 4),
  talkM2: record.field('talkM2', 4),
  ringMean: record.field('ringMean', 4),
  texts: record.field('texts', 4),
  daysMask: record.field('daysMask', 4),
  callDaysMask: record.field('callDaysMask', 4),
  lastNumber: record.field('lastNumber', 4),
  numberBefore: record.field('numberBefore', 4),
  gapMean: record.field('gapMean', 4),
  gapM2: record.field('gapM2', 4),
  lastActMs: record.field('lastActMs', 4),
  countries: record.field('countries', 4),
  targets: record.field('targets', 64, 4),
  origins: record.field('origins', 32, 4),
  shortTalkShare: record.field('shortTalkShare', 2),
  hangupShare: record.field('hangupShare', 2),
  callDaySquares: record.field('callDaySquares', 2),
  topTag: record.field('topTag', 2),
  topWeight: record.field('topWeight', 2),
  concurrent: record.field('concurrent', 2),
  concurrentBefore: record.field('concurrentBefore', 2),
  talkSeconds: record.field('talkSeconds', 2),
  talkSecondsBefore: record.field('talkSecondsBefore', 2),
  sources: record.field('sources', 2),
  sourcesBefore: record.field('sourcesBefore', 2),
  peers: record.field('peers', 40, 2),
  // A bit an hour each: three bytes, since a word would leave a quarter of itself empty.
  hoursMask: record.field('hoursMask', 3, 1),
  hoursOfDay: record.field('hoursOfDay', 3, 1),
  hoursOfDayBefore: record.field('hoursOfDayBefore', 3, 1),
  callHours: record.field('callHours', 3, 1),
  callHoursBefore: record.field('callHoursBefore', 3, 1),
  agent: record.field('agent', 1),
}

export const counters = Object.fromEntries(Object.keys(counterWindows).map(name => [name, {}])) as Record<
  CounterName,
  Partial<Record<WindowName, CounterField>>
>

/** Where each window's counters lie: bytes of low and high halves, half-words of the rare ones. */
export interface WindowBlock {
  readonly low: number
  readonly high: number
  readonly common: number
  readonly rare16: number
  readonly rare: number
}

export const windowBlocks: readonly WindowBlock[] = windowNames.map(window => {
  const members = (Object.keys(counterWindows) as CounterName[]).filter(name =>
    (counterWindows[name] as readonly WindowName[]).includes(window),
  )
  const few = members.filter(name => rare.includes(name))
  const common = members.filter(name => !rare.includes(name))
  const low = record.field(`${window}:${common.join(',')}`, common.length * 2, 1)
  const high = extension.field(`${window}:high`, common.length * 2, 1)
  const rare16 = extension.field(`${window}:${few.join(',')}`, few.length * 4, 2) / 2
  const w = windowIndex(window)
  common.forEach((name, i) => {
    counters[name][window] = { window: w, rare: false, at: low + i, stride: common.length, high: high + i }
  })
  few.forEach((name, i) => {
    counters[name][window] = { window: w, rare: true, at: rare16 + i, stride: few.length, high: 0 }
  })
  return { low, high, common: common.length, rare16, rare: few.length }
})

export const recordBytes = record.bytes()
export const extensionBytes = extension.bytes()
export const layout = record.names()
export const extensionLayout = extension.names()
