import type { Identity } from '../../engine/identity/index.ts'
import type { SignalDescription } from '../signal.ts'
import { createFrameReader, type MsrpFrame } from './frame.ts'

/** Describes the frame `bytes[start, end)`; its parties are the paths, since only the SIP dialog knows people. Never throws. */
export function describeMsrp(_identity: Identity, bytes: Uint8Array, start: number, end: number): SignalDescription {
  let found: MsrpFrame | undefined
  let reason = 'not-msrp'
  const sink = {
    frame(frame: MsrpFrame) {
      found ??= frame
    },
    dropped(drop: string) {
      reason = drop
    },
  }
  createFrameReader(sink, true).push(bytes, start, end)
  if (found === undefined) return { valid: false, reason }
  const { method, status, headers, transaction } = found
  const from = headers.get('from-path')
  const to = headers.get('to-path')
  return {
    ...(method === '' ? { status } : { method }),
    ...(from === undefined ? undefined : { from }),
    ...(to === undefined ? undefined : { to }),
    callId: headers.get('message-id') ?? transaction,
    valid: from !== undefined && to !== undefined,
    ...(from !== undefined && to !== undefined ? undefined : { reason: 'no path' }),
  }
}
