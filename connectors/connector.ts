import type { Static, TSchema } from '@sinclair/typebox'
import type { Activity } from '../engine/activity/index.ts'
import type { Identity } from '../engine/identity/index.ts'
import type { Logger, TapCounters } from '../engine/observe/index.ts'
import type { SipOptions, VerifyPassports } from './sip/index.ts'

/**
 * The file to read before adding a tap.
 *
 * A connector is a kind of tap: its configuration schema and how to open one. A tap listens to one source, decodes bytes
 * into signals, correlates signals into activity, and hands each activity to `emit`. To add one: a folder of its own that
 * exports a `Connector`, and one line in registry.ts. Bad input is a counted drop with a reason, never an exception.
 */
export interface Connector<S extends TSchema = TSchema> {
  /** The `type` that configuration names. */
  readonly type: string
  /** One line for the documentation's table of taps. */
  readonly summary: string
  /** Options of this tap beside `name`, `type` and `site`: every one with a default and a description. */
  readonly schema: S
  open(options: Static<S>, context: TapContext): Promise<Tap>
}

/** A listening tap. */
export interface Tap {
  /** Where it listens, as bound (port 0 resolved); empty for taps that read. */
  readonly address: string
  /** Resolves when a finite source (a file, standard input) has been read to its end; never for a listening tap. */
  readonly finished: Promise<void>
  /** Stops reading, gives out what is still pending (open dialogs stay open), releases the source. */
  close(): Promise<void>
}

/** What a tap is given: all its effects go through here. */
export interface TapContext {
  readonly name: string
  readonly site: string | undefined
  /** Hands over one activity, already in its role copies. Queued and batched behind the call; never throws. */
  readonly emit: (activity: Activity) => void
  /** Resolves when all that was emitted before is durable in the event log: acknowledge after it. */
  readonly durable: () => Promise<void>
  /** True while the queue towards the event log is full: a tap that can pause its source should. */
  readonly congested: () => boolean
  readonly counters: TapCounters
  readonly identity: Identity
  /** How SIP is read: one section of the configuration for all taps that carry it. */
  readonly sip: SipOptions
  /** Verifies signed caller identities aside; undefined where that is not configured. */
  readonly verifyPassports?: VerifyPassports | undefined
  /** Rate-limited: safe to call for every bad packet. */
  readonly logger: Logger
  /** Wall clock in milliseconds, for time of receipt only. */
  readonly now: () => number
}
