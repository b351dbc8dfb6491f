import type { Activity, Campaign } from '../activity/index.ts'
import type { CampaignOptions } from '../content/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import type { CrowdOwner } from './crowds.ts'
import type { ActivityFacts } from './facts.ts'
import type { PartyRow } from './row.ts'

export interface BehaviourOptions {
  /** Seed of the party index; part of the snapshot's layout. */
  readonly seed?: number
  /** Most parties held; the one idle longest goes first. Default 1,000,000. */
  readonly maxParties?: number
  /** Event time after which an idle party is let go. Default 40 days. */
  readonly idleMs?: number
  /** How far an event may run ahead of the latest one seen before its clock is doubted. Default 24 hours. */
  readonly maxAheadMs?: number
  /** Activity ids remembered, at least, to count each once. Default 262,144. */
  readonly seenIds?: number
  readonly campaigns?: CampaignOptions
}

/** What is known after one activity was taken in; one object, reused. */
export interface Observation {
  /** The party's record, positioned at the event; valid until the next call. */
  readonly row: PartyRow
  /** Seen before: nothing was counted. */
  duplicate: boolean
  /** Older than the party's latest. */
  late: boolean
  /** Its clock ran too far ahead and was set back. */
  clamped: boolean
  /** Event time it was counted at, ms. */
  timeMs: number
  /** Facts of the message text, in the order of `textFactNames`; all 0 where there is none. Not to be written to. */
  text: Float64Array
  /** Campaign that the message or call attempt belongs to, 0 for none; `campaign` of the behaviour describes it. */
  campaign: number
  /** The party's first and latest activity (ms) and how many there were, since it was last forgotten. */
  firstMs: number
  lastMs: number
  activities: number
}

export interface BehaviourCounts {
  readonly parties: number
  readonly evictedIdle: number
  readonly evictedFull: number
  readonly observed: number
  readonly duplicates: number
  readonly late: number
  readonly clamped: number
  /** Parties that hold an extension record. */
  readonly extensions: number
  /** Parties of which sent texts are remembered. */
  readonly texts: number
  /** Campaigns begun. */
  readonly campaigns: number
  /** Typed-array bytes of what grows with the parties, and of the whole state. */
  readonly partyBytes: number
  readonly bytes: number
}

/** The room's door: takes activities of one partition in, gives the party's features out. */
export interface Behaviour {
  /** All that a snapshot must hold. */
  readonly states: readonly PagedState[]
  /** Brings what the next activities (at most `WARM`) will need into the caches; changes nothing but time. */
  warm(activities: readonly Activity[]): void
  observe(activity: Activity, facts?: ActivityFacts): Observation
  /** Feature of the party last observed (or looked up), by place in `catalogue`. */
  read(index: number): number
  /** Volume and spam share of the route or number range of the activity last observed, by place in `crowdNames`. */
  readCrowd(owner: CrowdOwner, index: number): number
  /** The activity last observed was found to be spam, by itself and not by what came before it on its route or range. */
  markSpam(): void
  /** The record of a party for reading at `nowMs`; undefined when it has none. Valid until the next call. */
  look(party: string, nowMs: number): PartyRow | undefined
  /** What is known of the campaign with this number of an observation. */
  campaign(number: number): Campaign
  counts(): BehaviourCounts
}
