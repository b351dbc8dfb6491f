import type { BilingualText } from '../activity/index.ts'
import type { Interval } from './estimate.ts'
import type { Range } from './inputs.ts'

/** Events by what was decided: allow, flag, challenge, divert, block. */
export type BySeverity = readonly [number, number, number, number, number]

/** Name of the line that holds what a merged report does not show one by one. */
export const SUPPRESSED = '*'

/** A line of a breakdown. */
export interface Share {
  readonly name: string
  readonly events: number
  readonly spam: number
  readonly blocked: number
  /** Share of all spam. */
  readonly share: number
  /** Spam there really is, as far as reviewed samples tell. */
  readonly estimate?: Interval
}

export interface Amount {
  readonly low: number
  readonly mid: number
  readonly high: number
}

export interface InvestmentItem extends Amount {
  readonly item: BilingualText
  readonly kind: string
  readonly source: string
}

/** One line of the loss model: what was measured, what is assumed, and their product. */
export interface LossLine extends Amount {
  readonly name: 'termination' | 'bypass' | 'premium' | 'churn' | 'care'
  readonly quantity: number
  readonly assumptions: readonly { readonly name: string; readonly range: Range }[]
}

export interface ProfileCount {
  readonly name: string
  readonly says: BilingualText
  readonly spam: number
  readonly share: number
  /** What kept the rest out, first criterion first. */
  readonly left: Readonly<Record<'impersonal' | 'single' | 'not-commercial' | 'nobody-objected', number>>
}

export interface Recommendation {
  readonly rule: string
  readonly says: BilingualText
  /** The figures that fired it. */
  readonly because: BilingualText
}

export interface Volume {
  readonly events: number
  readonly spam: number
  readonly share: number
  readonly estimate?: Interval
  /** Share of all events that are spam, by the estimate. */
  readonly shareEstimate?: Interval
}

/** Everything a report says, in no language: what merges, what is compared and what is published as JSON. */
export interface Study {
  readonly format: 1
  readonly software: string
  readonly operators: readonly string[]
  readonly country: string
  readonly currency: string
  readonly subscribers: number
  readonly period: { readonly from: string; readonly to: string; readonly timezone: string; readonly days: number }
  readonly jurisdiction: {
    readonly name: BilingualText
    readonly country: string
    readonly definition: string
    readonly consent: { readonly calls: string; readonly messages: string }
    readonly hours: string
    readonly content: string
    readonly retentionDays: number
    readonly references: readonly { readonly text: string; readonly assumes: BilingualText }[]
  }
  readonly coverage: {
    /** verdicts: every event was judged and archived; activity: only what was found, events are counted from activity. */
    readonly denominator: 'verdicts' | 'activity'
    readonly daysWithData: number
    readonly missingDays: readonly string[]
    readonly files: number
    readonly rows: number
    readonly repeated: number
    readonly versions: readonly { readonly pack: string; readonly model: string; readonly events: number }[]
    readonly pseudonyms: string
    readonly rotation: string
  }
  readonly volume: Volume & {
    readonly severities: BySeverity
    readonly perThousandSubscribersMonth?: Interval
    readonly byDay: readonly { readonly day: string; readonly events: number; readonly spam: number }[]
    /** Change of the share of spam a week, in percentage points. */
    readonly trend?: Interval
  }
  readonly before?: Volume & { readonly from: string; readonly to: string; readonly categories: readonly Share[] }
  readonly types: readonly Share[]
  readonly classes: readonly Share[]
  readonly categories: readonly (Share & { readonly says?: BilingualText })[]
  readonly features: {
    readonly trunks: readonly Share[]
    readonly networks: readonly Share[]
    readonly originCountries: readonly Share[]
    readonly targetCountries: readonly Share[]
    readonly ranges: readonly (Share & { readonly country: string; readonly sources: number })[]
    readonly sources: readonly (Share & { readonly country: string; readonly place: string })[]
    readonly concentration: {
      readonly sources: number
      readonly forHalf: number
      readonly topTenShare: number
      readonly topPercentShare: number
    }
    /** Spam by weekday (Monday first) and local hour. */
    readonly hours: readonly (readonly number[])[]
    readonly outsideHours: { readonly calls: number; readonly commercial: number }
    readonly campaigns: readonly {
      readonly name: string
      readonly category: string
      readonly spam: number
      readonly targets: number
      readonly firstDay: string
    }[]
    readonly campaignTotal: number
    readonly languages: readonly Share[]
  }
  readonly effect: {
    readonly byAction: BySeverity
    readonly calls: number
    readonly answered: number
    readonly talkMinutes: number
    readonly attentionMinutes: Amount
    readonly reached: number
    readonly complaints: number
    readonly complainants: number
    readonly complaintsBySource: readonly { readonly source: string; readonly n: number }[]
  }
  readonly quality: {
    readonly strata: readonly {
      readonly severity: number
      readonly events: number
      readonly reviewed: number
      readonly spam: number
      readonly share?: Interval
    }[]
    readonly precision?: Interval
    readonly recall?: Interval
    readonly falseBlocks?: Interval
    readonly appeals: number
    readonly upheld: number
    readonly sampleSize: number
  }
  readonly definitions: readonly ProfileCount[]
  readonly investment: {
    readonly made: readonly InvestmentItem[]
    readonly planned: readonly InvestmentItem[]
    readonly madeTotal: Amount
    readonly plannedTotal: Amount
  }
  readonly cost: {
    readonly measured: boolean
    readonly cpuSecondsPerMillion: number
    readonly rssBytes: number
    readonly storageBytesPerMillion: number
    readonly perMillion: Amount
    readonly perYear: Amount
    readonly prices: readonly { readonly name: string; readonly range: Range }[]
  }
  readonly losses: { readonly lines: readonly LossLine[]; readonly total: Amount }
  readonly attention: readonly { readonly name: string; readonly range: Range }[]
  readonly recommendations: readonly Recommendation[]
  /** Of a merged report alone. */
  readonly merged?: {
    readonly deduplicated: boolean
    readonly reason: string
    /** Events that two operators saw. */
    readonly overlapEvents: Interval
    readonly overlapSpam: Interval
    readonly suppressBelow: number
    readonly suppressed: number
    readonly operators: readonly { readonly name: string; readonly events: number; readonly spam: number }[]
  }
}

/** What operators exchange beside their studies: how the keyed sample was drawn. */
export interface ExchangeHeader {
  readonly format: 1
  readonly operator: string
  readonly fingerprint: string
  readonly from: string
  readonly to: string
  /** Pairs and targets whose pseudonym ends in so many zero bits are in the sample. */
  readonly pairBits: number
}
