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
  talkSeconds: ['24h'],
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

/** One counter over one window. */
export interface CounterField {
  readonly window: number
  /** Half-words from the start of the record to the current bucket. */
  readonly offset16: number
  /** Half-words from the current to the previous bucket. */
  readonly stride16: number
}

let next = PARTY_HEADER_BYTES
const names: string[] = []
function field(name: string, bytes: number, align = Math.min(bytes, 8)): number {
  next = Math.ceil(next / align) * align
  const at = next
  names.push(`${name}@${at}+${bytes}`)
  next += bytes
  return at
}

/** Byte offsets of the fields that are not counters. */
export const at = {
  firstSeconds: field('first', 4),
  activities: field('activities', 4),
  outCalls: field('outCalls', 4),
  outAll: field('outAll', 4),
  inAll: field('inAll', 4),
  talks: field('talks', 4),
  talkMean: field('talkMean', 4),
  talkM2: field('talkM2', 4),
  ringMean: field('ringMean', 4),
  rings: field('rings', 4),
  shortTalks: field('shortTalks', 4),
  hangups: field('hangups', 4),
  topWeight: field('topWeight', 4),
  daysMask: field('daysMask', 4),
  hoursMask: field('hoursMask', 4),
  hoursOfDay: field('hoursOfDay', 4),
  hoursOfDayBefore: field('hoursOfDayBefore', 4),
  lastNumber: field('lastNumber', 4),
  numberBefore: field('numberBefore', 4),
  gapMean: field('gapMean', 4),
  gapM2: field('gapM2', 4),
  lastActMs: field('lastActMs', 4),
  topTag: field('topTag', 2),
  agent: field('agent', 2),
  concurrent: field('concurrent', 2),
  concurrentBefore: field('concurrentBefore', 2),
  sources: field('sources', 2),
  sourcesBefore: field('sourcesBefore', 2),
  countries: field('countries', 8, 1),
  targets: field('targets', 64, 4),
  origins: field('origins', 32, 4),
  peers: field('peers', 64, 4),
}

export const counters = Object.fromEntries(Object.keys(counterWindows).map(name => [name, {}])) as Record<
  CounterName,
  Partial<Record<WindowName, CounterField>>
>

/** Where each window's counters lie: half-word offset of the current buckets and how many there are. */
export const windowBlocks: readonly { readonly offset16: number; readonly count: number }[] = windowNames.map(
  window => {
    const members = (Object.keys(counterWindows) as CounterName[]).filter(name =>
      (counterWindows[name] as readonly WindowName[]).includes(window),
    )
    const offset16 = field(`counters-${window}:${members.join(',')}`, members.length * 4, 2) / 2
    members.forEach((name, i) => {
      counters[name][window] = { window: windowIndex(window), offset16: offset16 + i, stride16: members.length }
    })
    return { offset16, count: members.length }
  },
)

export const recordBytes = Math.ceil(next / 8) * 8
export const layout = names.join(' ')
