/** One captured packet: `bytes[start, end)`, valid during the call. */
export type PacketSink = (linkType: number, bytes: Uint8Array, start: number, end: number, timeMs: number) => void

/** Why a capture could not be read on: the closed list behind the `dropped` metric. */
export const captureDropReasons = ['not-a-capture', 'bad-record', 'bad-interface', 'truncated'] as const
export type CaptureDropReason = (typeof captureDropReasons)[number]

export interface CaptureReaderOptions {
  readonly packet: PacketSink
  /** Something unreadable; `packet` counts from 1: the one at which it was met. */
  readonly dropped: (reason: CaptureDropReason, packet: number) => void
}

/** Bytes of records at `bytes[start, end)` that were complete and have been read; BROKEN when nothing after can be. */
export type RecordParser = (bytes: Uint8Array, start: number, end: number) => number
export const BROKEN = -1

/** A record beyond this is a lying length: the largest snap length that libpcap believes is 262,144. */
export const MAX_RECORD_BYTES = 1 << 20
