import type { Activity } from '../activity/index.ts'
import type { ActivityFacts, CrowdOwner } from '../features/index.ts'
import type { Lists } from '../lists/index.ts'

/** The names that rules may use, given by the feature catalogue and by content: position in the array is the index. */
export interface Vocabulary {
  /** Features of a party, read under `origin.` or `target.`. */
  readonly features: readonly string[]
  /** Facts of the current message's text, read under `text.`. */
  readonly textFacts: readonly string[]
  /** Volume and spam share of what the record came with, read under `route.` and `range.`. */
  readonly crowds: readonly string[]
}

/** What is judged: one record, and the features of the party whose key it travels under, read only when asked for. */
export interface Subject {
  readonly activity: Activity
  /** Value of `features[index]` for the party under judgement, at the record's event time. */
  feature(index: number): number
  /** Value of `textFacts[index]` for the record's text; 0 when it has none. */
  text(index: number): number
  /** Value of `crowds[index]` for the record's route or the number range of its origin. */
  crowd(owner: CrowdOwner, index: number): number
  /** What the numbering plans say of both parties. */
  readonly facts: ActivityFacts
}

/** Everything a compiled condition may read. One frame a judge, filled for each subject: nothing is allocated. */
export interface Frame {
  activity: Activity
  subject: Subject
  readonly lists: Lists
  /** Feature of the subject, remembered for the length of one judgement. */
  feature(index: number): number
  text(index: number): number
  /** Hour 0–23 and weekday 0 (Sunday)–6 of the event in the pack's time zone. */
  hour(): number
  weekday(): number
}

export type Value = number | string | boolean | readonly string[]

export interface ActivityFact {
  readonly type: 'number' | 'string' | 'bool' | 'list'
  readonly read: (frame: Frame) => Value
  readonly about: string
}

/** The fields of every kind of activity at once, for reading a fact without asking for the kind first. */
interface AnyRecord {
  readonly media?: readonly string[]
  readonly status?: number
  readonly method?: string
  readonly outcome?: string
  readonly decoy?: string
  readonly duration?: number
  readonly ringing?: number
  readonly endedBy?: string
  readonly cause?: string
  readonly protocol?: string
  readonly opinion?: string
  readonly source?: string
  readonly trust?: number
}

const NONE: readonly string[] = []
const any = (frame: Frame): AnyRecord => frame.activity as AnyRecord

const text = (about: string, read: (frame: Frame) => string): ActivityFact => ({ type: 'string', read, about })
const number = (about: string, read: (frame: Frame) => number): ActivityFact => ({ type: 'number', read, about })
const bool = (about: string, read: (frame: Frame) => boolean): ActivityFact => ({ type: 'bool', read, about })
const list = (about: string, read: (frame: Frame) => readonly string[]): ActivityFact => ({ type: 'list', read, about })

/** `activity.*`: facts of the record under judgement. What a record does not carry reads as "", 0, false or an empty list. */
export const activityFacts: Readonly<Record<string, ActivityFact>> = {
  kind: text(
    'call.attempt, call.answered, call.ended, call.failed, message, registration, probe, feedback',
    f => f.activity.kind,
  ),
  role: text('origin or target: whose copy of the record this is', f => f.activity.role),
  from: text('party that acted', f => f.activity.from.party),
  to: text('party acted upon', f => f.activity.to?.party ?? ''),
  display: text('display name of the origin', f => f.activity.from.display ?? ''),
  tap: text('name of the tap', f => f.activity.route.tap),
  site: text('site of the tap', f => f.activity.route.site ?? ''),
  tenant: text('whose traffic it is, as the tap is configured', f => f.activity.route.tenant ?? ''),
  trunk: text('trunk or interconnect', f => f.activity.route.trunk ?? ''),
  peer: text('address that sent it', f => f.activity.route.peer ?? ''),
  transport: text('udp, tcp, tls, ws, …', f => f.activity.route.transport ?? ''),
  agent: text('User-Agent of the origin', f => f.activity.agent ?? ''),
  asserted: text(
    'header the origin was read from: passport, pai, ppi, rpid, from',
    f => f.activity.from.asserted ?? '',
  ),
  attestation: text(
    'SHAKEN attestation A, B, C; empty without a verified PASSporT',
    f => f.activity.from.attestation ?? '',
  ),
  verification: text('why a PASSporT did not verify', f => f.activity.from.verification ?? ''),
  claimed: text('party of the From header where it differs from the asserted one', f => f.activity.from.claimed ?? ''),
  diverted: list('parties that diverted the call', f => f.activity.diverted ?? NONE),
  media: list('media types offered', f => any(f).media ?? NONE),
  status: number('final SIP status', f => any(f).status ?? 0),
  method: text('method of a probe', f => any(f).method ?? ''),
  outcome: text('of a registration: accepted, challenged, failed, unanswered', f => any(f).outcome ?? ''),
  decoy: text('decoy line that was reached', f => any(f).decoy ?? ''),
  duration: number('talk time, seconds', f => any(f).duration ?? 0),
  ringing: number('time it rang, seconds', f => any(f).ringing ?? 0),
  ended_by: text('origin, target, network, timeout', f => any(f).endedBy ?? ''),
  cause: text('Reason header or release cause', f => any(f).cause ?? ''),
  protocol: text('protocol of a message', f => any(f).protocol ?? ''),
  opinion: text('of feedback: spam or ham', f => any(f).opinion ?? ''),
  source: text('of feedback: 607, 608, report, star-code, arf, analyst', f => any(f).source ?? ''),
  trust: number('of feedback: 0 to 1', f => any(f).trust ?? 0),
  hour: number("hour of day 0–23 in the pack's time zone", f => f.hour()),
  weekday: number("weekday 0 (Sunday) – 6 in the pack's time zone", f => f.weekday()),
  from_valid: bool('false: the origin is a number in no assigned range', f => f.subject.facts.from?.valid ?? true),
  to_valid: bool('false: the target is a number in no assigned range', f => f.subject.facts.to?.valid ?? true),
  from_fault: text(
    'what is wrong with a number that is not valid: unassigned, wrong-length, no-country',
    f => f.subject.facts.from?.fault ?? '',
  ),
  to_fault: text('the same of the target number', f => f.subject.facts.to?.fault ?? ''),
  from_type: text('mobile, fixed, premium, …; empty for what is no number', f => f.subject.facts.from?.type ?? ''),
  to_type: text('type of the target number', f => f.subject.facts.to?.type ?? ''),
  from_country: text('region of the origin number', f => f.subject.facts.from?.country ?? ''),
  to_country: text('region of the target number', f => f.subject.facts.to?.country ?? ''),
  neighbour_digits: number('leading digits that origin and target share', f => f.subject.facts.neighbourDigits),
}
