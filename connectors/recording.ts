import type { Activity } from '../engine/activity/index.ts'
import type { Identity } from '../engine/identity/index.ts'
import type { SignalSink } from './signal.ts'

/** A file format that `replay` and `inspect` read: recognised by content, read in one pass, bounded memory. */
export interface RecordingFormat {
  readonly format: string
  /** Does a file with this beginning (up to 4 KB) hold this format? */
  detect(head: Uint8Array, path: string): boolean
  /**
   * Gives what the file holds, in order, to the sink.
   * @throws RingfenceError INPUT_UNREADABLE when the file cannot be opened; damage inside is `sink.dropped`.
   */
  read(path: string, sink: RecordingSink, context: RecordingContext): Promise<void>
}

export interface RecordingContext {
  readonly identity: Identity
  /** Called now and then with bytes read so far. */
  readonly progress: (bytesRead: number) => void
  /** Awaited between two chunks: how a consumer that lags behind holds the reader back. */
  readonly ready?: () => Promise<void> | undefined
}

/** A recording holds signals still to be correlated, or activities already correlated. */
export interface RecordingSink {
  readonly signal: SignalSink
  readonly activity: (activity: Activity) => void
  /** Something unreadable at a place (packet 12, line 7): counted by reason, reported, passed over. */
  readonly dropped: (reason: string, place: string) => void
}
