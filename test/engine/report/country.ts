import type { Activity, Feedback, Verdict } from '../../../engine/activity/index.ts'
import { idOf } from '../../../engine/hash/index.ts'
import { randomOf } from '../packs/traffic.ts'

/** A country of three operators whose traffic, spam and routes are known: what a report must find again. */
export interface Country {
  readonly operators: readonly Operator[]
  readonly truth: Truth
}

export interface Operator {
  readonly name: string
  readonly verdicts: readonly Verdict[]
  readonly activities: readonly Activity[]
  readonly complaints: readonly Feedback[]
  readonly truth: OperatorTruth
  /** Whether the event of a verdict is spam, by the beginning of the verdict's id. */
  isSpam(verdict: string): boolean
}

export interface OperatorTruth {
  readonly events: number
  readonly spam: number
  readonly spamByTrunk: ReadonlyMap<string, number>
  readonly spamByCategory: ReadonlyMap<string, number>
  readonly loudestRanges: readonly string[]
}

export interface Truth {
  /** Each event once, however many operators saw it. */
  readonly events: number
  readonly spam: number
}

export interface CountryOptions {
  readonly seed: number
  readonly firstDay: string
  readonly days: number
  /** Ordinary events a day and operator. */
  readonly ordinaryPerDay: number
  /** Share of spam that the engines find, and of other events that they take for spam. */
  readonly recall?: number
  readonly falseAlarms?: number
}

const DAY_MS = 86_400_000

interface Campaign {
  readonly category: string
  readonly kind: 'call.attempt' | 'message'
  readonly protocol: string
  readonly trunk: string
  readonly origins: readonly string[]
  readonly perDay: number
  readonly hours: readonly [number, number]
  readonly action: Verdict['action']
  readonly text: string
}

/** Numbers of operator 0, 1 and 2 begin with +3361, +3362, +3363. */
const subscriber = (operator: number, n: number) => `+336${operator + 1}${String(1_000_000 + n * 37).padStart(7, '0')}`

const campaigns: readonly Campaign[] = [
  {
    category: 'robocall',
    kind: 'call.attempt',
    protocol: '',
    trunk: 'ix-international-1',
    origins: Array.from({ length: 40 }, (_, i) => `+3216${String(1_000_000 + i * 311).slice(0, 7)}`),
    perDay: 220,
    hours: [9, 21],
    action: 'block',
    text: '',
  },
  {
    category: 'wangiri',
    kind: 'call.attempt',
    protocol: '',
    trunk: 'ix-international-2',
    origins: Array.from({ length: 12 }, (_, i) => `+2693${String(200_000 + i)}`),
    perDay: 120,
    hours: [0, 24],
    action: 'divert',
    text: '',
  },
  {
    category: 'smishing',
    kind: 'message',
    protocol: 'smpp',
    trunk: 'smsc-bulk',
    origins: Array.from({ length: 6 }, (_, i) => `+4474001${String(10_000 + i)}`),
    perDay: 160,
    hours: [8, 22],
    action: 'flag',
    text: 'Votre colis est en attente, payez les frais de douane ici rapidement',
  },
  {
    category: 'bulk',
    kind: 'message',
    protocol: 'chat',
    trunk: 'rcs-hub',
    origins: Array.from({ length: 9 }, (_, i) => `+3375100${String(1000 + i)}`),
    perDay: 70,
    hours: [10, 20],
    action: 'flag',
    text: 'Huge discounts this weekend only, visit our shop and save money now',
  },
]

/**
 * Simulates it. Each campaign calls and writes to subscribers of all operators; half of the ordinary calls go to another
 * operator, whose taps see them as well. Engines find spam with `recall` and take other events for spam with
 * `falseAlarms`, each on its own, so that two operators may judge one event differently.
 */
export function simulateCountry(options: CountryOptions): Country {
  const { recall = 0.92, falseAlarms = 0.002 } = options
  const random = randomOf(options.seed)
  const startMs = Date.parse(options.firstDay)
  const operators = ['Alpha', 'Beta', 'Gamma'].map(createOperator)
  let events = 0
  let spam = 0
  let serial = 0

  function see(
    seenBy: readonly number[],
    from: string,
    to: string,
    timeMs: number,
    campaign: Campaign | undefined,
  ): void {
    events++
    if (campaign !== undefined) spam++
    const kind = campaign?.kind ?? (random.chance(0.55) ? 'call.attempt' : 'message')
    for (const i of seenBy) {
      // Each operator's own element passes the call on: another Call-ID, some milliseconds later.
      operators[i]!.see({
        kind,
        from,
        to,
        timeMs: timeMs + i * 40,
        campaign,
        serial: serial++,
        random,
        recall,
        falseAlarms,
      })
    }
  }

  for (let day = 0; day < options.days; day++) {
    const dayMs = startMs + day * DAY_MS
    for (let operator = 0; operator < 3; operator++) {
      for (let n = 0; n < options.ordinaryPerDay; n++) {
        const peer = random.chance(0.5) ? operator : (operator + random.whole(1, 2)) % 3
        const timeMs = dayMs + Math.floor(random.between(6, 23) * 3_600_000)
        const seenBy = peer === operator ? [operator] : [operator, peer]
        see(
          seenBy,
          subscriber(operator, random.whole(0, 2000)),
          subscriber(peer, random.whole(0, 2000)),
          timeMs,
          undefined,
        )
      }
    }
    for (const campaign of campaigns) {
      const today = Math.round(campaign.perDay * (1 + 0.02 * day))
      for (let n = 0; n < today; n++) {
        const timeMs = dayMs + Math.floor(random.between(...campaign.hours) * 3_600_000)
        // A transit operator sees some of what another one delivers.
        const home = random.whole(0, 2)
        const seenBy = random.chance(0.3) ? [(home + 1) % 3, home] : [home]
        see(seenBy, random.pick(campaign.origins), subscriber(home, random.whole(0, 2000)), timeMs, campaign)
      }
    }
  }
  return { operators: operators.map(operator => operator.done()), truth: { events, spam } }
}

interface Sight {
  readonly kind: 'call.attempt' | 'message'
  readonly from: string
  readonly to: string
  readonly timeMs: number
  readonly campaign: Campaign | undefined
  readonly serial: number
  readonly random: ReturnType<typeof randomOf>
  readonly recall: number
  readonly falseAlarms: number
}

interface Seen {
  readonly kind: 'call.attempt' | 'message'
  readonly from: string
  readonly to: string
  readonly timeMs: number
  readonly campaign: Campaign | undefined
  readonly protocol: string
  readonly trunk: string
  readonly found: boolean
  readonly category: string
}

/** The verdict of an engine that found it, or did not. */
function judged(seen: Seen, id: string): Verdict {
  const { kind, campaign, found, category, timeMs } = seen
  const text = seen.protocol === 'chat' ? 'real-time text' : 'non-real-time text'
  const { origins = [] } = campaign ?? {}
  const group = { id: category, origins: origins.length, targets: 400, messages: 900, firstSeen: timeMs }
  return {
    id: idOf(id),
    activity: id,
    role: 'origin',
    kind,
    time: timeMs,
    party: seen.from,
    target: seen.to,
    score: found ? 8 : 0,
    action: found ? (campaign?.action ?? 'flag') : 'allow',
    ...(found ? { category } : {}),
    class: kind === 'call.attempt' ? 'real-time voice' : text,
    reasons: [],
    route: { trunk: seen.trunk, peer: '198.51.100.7' },
    ...(found && campaign?.kind === 'message' ? { campaign: group } : {}),
    pack: 'default-1.simulated',
  }
}

function createOperator(name: string) {
  const verdicts: Verdict[] = []
  const activities: Activity[] = []
  const complaints: Feedback[] = []
  const spamIds = new Set<string>()
  const byTrunk = new Map<string, number>()
  const byCategory = new Map<string, number>()
  const byRange = new Map<string, number>()
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1)
  let events = 0
  let spam = 0
  return {
    see({ kind, from, to, timeMs, campaign, serial, random, recall, falseAlarms }: Sight) {
      const id = idOf(name, String(serial))
      const found = campaign === undefined ? random.chance(falseAlarms) : random.chance(recall)
      const trunk = campaign?.trunk ?? random.pick(['ix-national', 'access', 'ix-international-1'])
      events++
      if (campaign !== undefined) {
        spam++
        spamIds.add(idOf(id).slice(0, 11))
        count(byTrunk, trunk)
        count(byCategory, campaign.category)
        count(byRange, `${from.slice(0, -4)}xxxx`)
      }
      const category = campaign?.category ?? 'robocall'
      const protocol = campaign?.protocol ?? 'smpp'
      const callId = kind === 'call.attempt' ? { callId: `${id}@${name}` } : {}
      verdicts.push({
        ...judged({ kind, from, to, timeMs, campaign, protocol, trunk, found, category }, id),
        ...callId,
      })
      const common = {
        role: 'origin',
        from: { party: from },
        to: { party: to },
        route: { tap: 'sbc-1', trunk, peer: '198.51.100.7' },
        ...callId,
      } as const
      if (kind === 'message') {
        const text = campaign?.text ?? 'On se voit demain soir au restaurant habituel ?'
        activities.push({ ...common, id, kind, time: timeMs, protocol, content: { type: 'text/plain', text } })
        return
      }
      activities.push({ ...common, id, kind, time: timeMs })
      if (random.chance(campaign === undefined ? 0.7 : 0.25)) {
        const duration = Math.round(random.between(5, campaign === undefined ? 300 : 30))
        activities.push({
          ...common,
          id: `${id}e`,
          kind: 'call.ended',
          time: timeMs + (duration + 8) * 1000,
          duration,
          endedBy: 'origin',
        })
      }
      if (campaign !== undefined && random.chance(0.03))
        complaints.push({
          id: `${id}c`,
          time: timeMs + 60_000,
          party: from,
          reporter: to,
          source: 'report',
          opinion: 'spam',
        })
    },
    done(): Operator {
      return {
        name,
        verdicts,
        activities,
        complaints,
        truth: {
          events,
          spam,
          spamByTrunk: byTrunk,
          spamByCategory: byCategory,
          loudestRanges: [...byRange].sort((a, b) => b[1] - a[1]).map(([range]) => range),
        },
        isSpam: verdict => spamIds.has(verdict),
      }
    },
  }
}
