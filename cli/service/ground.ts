import type { EventLog } from '../../engine/log/index.ts'
import type { EngineCounters, Logger, Metrics, Tracing } from '../../engine/observe/index.ts'
import type { Verifier } from '../../engine/passport/index.ts'
import type { Config } from '../config.ts'

export const roles = ['tap', 'engine', 'serve'] as const
export type Role = (typeof roles)[number]

/** What every part of the service stands on. */
export interface Ground {
  readonly config: Config
  readonly roles: readonly Role[]
  readonly log: EventLog
  readonly logger: Logger
  readonly metrics: Metrics
  readonly counters: EngineCounters
  /** Of signed caller identities; undefined where no trust anchor is configured. */
  readonly verifier: Verifier | undefined
  /** Traces from tap to verdict; undefined where no collector is configured. */
  readonly tracing: Tracing | undefined
  /** What to close, in the order of opening. */
  readonly opened: (() => Promise<void>)[]
}
