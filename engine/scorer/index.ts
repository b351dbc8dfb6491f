import type { Control } from '../activity/index.ts'

/**
 * The port through which models judge. The engine knows this file and nothing of TensorFlow; `models/serving` implements it.
 * Models answer late (a worker thread, batches of 256 rows or 2 ms) or not at all: a full queue skips rows, and the verdict
 * goes out on rules alone, marked `modelSkipped`.
 */
export interface Scorer {
  /** Versions of the live models, joined: stands in every verdict they took part in. `none` when there is none. */
  readonly version: string
  /** Whether a live model answers requests of this sort; ask before building one. */
  accepts(about: ScoreRequest['about']): boolean
  /** Names of the features that a behaviour request holds, in order; a model trained on others was refused. */
  readonly features: readonly string[]
  /**
   * Scores rows; resolves in their order, one result a request. Never rejects: what could not be scored says why. Somebody
   * waits for a `live` verdict: rows that find the queue full, or no answer in time, are skipped. A `patient` caller (a
   * replay, state being rebuilt) waits until all are scored. Vectors are copied before the call returns.
   */
  score(requests: readonly ScoreRequest[], urgency?: Urgency): Promise<readonly ScoreResult[]>
  /**
   * Takes a `model` record of the control topic: `name` is one of `modelSlots`, `path` the model's file; without a path the
   * one that configuration names takes its place again. Resolves when it serves or was refused.
   */
  apply(control: Control): Promise<SwapResult>
  counts(): ScorerCounts
  /** Answers what is queued, stops the threads. */
  close(): Promise<void>
}

/** What is to be scored. */
export type ScoreRequest =
  | { readonly about: 'text'; readonly text: string }
  | { readonly about: 'behaviour'; readonly vector: Float32Array }

export type Urgency = 'live' | 'patient'

/** Why a model said nothing. */
export const skipReasons = ['no-model', 'queue-full', 'late', 'failed', 'closed'] as const
export type SkipReason = (typeof skipReasons)[number]

export type ScoreResult = ModelScore | { readonly scored: false; readonly reason: SkipReason }

export interface ModelScore {
  readonly scored: true
  /** Which model, and its version. */
  readonly model: 'text' | 'behaviour'
  readonly version: string
  /** Calibrated probability of spam. */
  readonly probability: number
  /** At or above the threshold that the model was published with. */
  readonly spam: boolean
  /** 0 … 1: how much the model had to go by (familiar wording, days of history). Weigh the score by it. */
  readonly confidence: number
  /** Most likely kind: `scam`, `promotion`, `ordinary`, `code`; absent for behaviour. */
  readonly kind?: string | undefined
  /** What moved the score most, strongest first: features, or pieces of the text. Only for rows that are spam. */
  readonly reasons: readonly ScoreReason[]
}

/** Reasons that a verdict shows: more need not be given. */
export const REASONS_SHOWN = 3

export interface ScoreReason {
  /** A feature's name, or the piece of text. */
  readonly what: string
  /** Its value; absent for text. */
  readonly value?: number
  /** By how much it moved the log-odds, positive towards spam. */
  readonly weight: number
}

/** Names of `model` records: the model that judges, and the one that only scores beside it. */
export const modelSlots = ['text', 'behaviour', 'text/shadow', 'behaviour/shadow'] as const

export type SwapResult =
  | { readonly swapped: true; readonly version: string }
  | { readonly swapped: false; readonly reason: string }

/** Counters since the start and gauges of now, for the metrics page. */
export interface ScorerCounts {
  /** What runs the models: `node`, `wasm`, `cpu`, `none`. */
  readonly backend: string
  readonly scored: Readonly<Record<'text' | 'behaviour', number>>
  readonly skipped: Readonly<Record<SkipReason, number>>
  readonly queued: number
  readonly batches: number
  readonly swaps: number
  readonly refused: number
  /** Time in the queue and in the model, milliseconds, of the last batches. */
  readonly latencyP50Ms: number
  readonly latencyP99Ms: number
  readonly drift: readonly Drift[]
  readonly shadows: readonly ShadowCounts[]
}

/** How far what is served now lies from what the model was trained on. */
export interface Drift {
  readonly model: 'text' | 'behaviour'
  /** `score`, or an input's name. */
  readonly of: string
  /** Population stability index over ten bins; above 0.25 the model wants retraining. */
  readonly psi: number
  readonly rows: number
}

/** How a shadow model compares with the live one on the same rows. */
export interface ShadowCounts {
  readonly model: 'text' | 'behaviour'
  readonly version: string
  readonly rows: number
  /** Rows that one calls spam and the other does not. */
  readonly onlyLive: number
  readonly onlyShadow: number
  readonly meanDifference: number
}

/** A scorer that has no model: rules alone judge. */
export function noScorer(): Scorer {
  const skipped = { 'no-model': 0, 'queue-full': 0, late: 0, failed: 0, closed: 0 }
  return {
    version: 'none',
    features: [],
    accepts: () => false,
    async score(requests) {
      skipped['no-model'] += requests.length
      return requests.map(() => ({ scored: false, reason: 'no-model' }))
    },
    apply: async () => ({ swapped: false, reason: 'models are switched off' }),
    counts: () => ({
      backend: 'none',
      scored: { text: 0, behaviour: 0 },
      skipped: { ...skipped },
      queued: 0,
      batches: 0,
      swaps: 0,
      refused: 0,
      latencyP50Ms: 0,
      latencyP99Ms: 0,
      drift: [],
      shadows: [],
    }),
    close: async () => {},
  }
}
