import type { ScoreReason } from '../../engine/scorer/index.ts'
import type { BackendChoice } from '../backend/index.ts'
import type { DriftReference, ModelName } from '../training/index.ts'

/**
 * What goes between the engine's thread and a worker: lists of questions, and for each a list of answers in their order. Vectors
 * are transferred, the rest is copied.
 */

export type Slot = 'live' | 'shadow'

export type ToWorker =
  /** Reads a model and holds it ready; it serves once every worker has it and `commit` follows. */
  | { readonly type: 'prepare'; readonly model: ModelName; readonly slot: Slot; readonly path: string }
  | { readonly type: 'commit'; readonly model: ModelName; readonly slot: Slot }
  | { readonly type: 'discard'; readonly model: ModelName; readonly slot: Slot }
  | { readonly type: 'text'; readonly texts: readonly string[] }
  | { readonly type: 'behaviour'; readonly rows: number; readonly vectors: Float32Array }

export type FromWorker =
  | { readonly type: 'ready'; readonly backend: string }
  | { readonly type: 'prepared'; readonly loaded: LoadedModel }
  | { readonly type: 'done' }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'scores'; readonly scores: Scores | undefined; readonly shadow: Float32Array | undefined }

/** What the engine's thread needs to know of a model. */
export interface LoadedModel {
  readonly version: string
  readonly threshold: number
  readonly reference: readonly DriftReference[]
}

/** Scores of one batch. */
export interface Scores {
  readonly version: string
  readonly threshold: number
  readonly probability: Float32Array
  readonly confidence: Float32Array
  /** Kind of each text; empty for behaviour. */
  readonly kinds: readonly string[]
  /** Reasons of the rows that are spam, by row. */
  readonly reasons: ReadonlyMap<number, readonly ScoreReason[]>
}

export interface WorkerOptions {
  readonly backend: BackendChoice
}
