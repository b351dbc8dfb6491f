import type { Activity } from '../../engine/activity/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import { describeMsrp } from '../msrp/index.ts'
import type { RecordingSink } from '../recording.ts'
import type { Envelope, SignalDescription, SignalProtocol } from '../signal.ts'
import { describeSip } from '../sip/index.ts'
import { describeSmpp } from '../smpp/index.ts'
import { describeXmpp } from '../xmpp/index.ts'
import { openRecording } from './open.ts'

/** One line of `ringfence inspect`: a signal of a capture, or an activity of a record file. Absent fields are unknown. */
export interface InspectLine extends SignalDescription {
  /** Capture time, milliseconds since the epoch. */
  readonly time: number
  /** `sip`, `smpp`, `msrp`, `xmpp`, …; `record` for call and message records. HEP is shown as the signal inside it. */
  readonly protocol: SignalProtocol | 'record'
  /** Kind of an activity, for records. */
  readonly kind?: string
  readonly source?: string
  readonly destination?: string
  readonly transport?: string
}

/** Reads what a message of one protocol says of itself. */
type Describe = (
  identity: Identity,
  bytes: Uint8Array,
  start: number,
  end: number,
  framing: 'datagram' | 'stream',
) => SignalDescription

export interface InspectContext {
  readonly identity: Identity
  /** Called now and then with bytes read so far. */
  readonly progress: (bytesRead: number) => void
  /** Something unreadable at a place (packet 12, line 7). */
  readonly dropped: (reason: string, place: string) => void
}

const describers: Partial<Record<SignalProtocol, Describe>> = {
  sip: describeSip,
  smpp: describeSmpp,
  msrp: describeMsrp,
  xmpp: describeXmpp,
}

/**
 * Says what a recording holds, in order: one line a signal or record.
 * @throws RingfenceError INPUT_UNREADABLE, INPUT_INVALID when no format is recognised
 */
export async function inspectRecording(
  path: string,
  onLine: (line: InspectLine) => void,
  context: InspectContext,
): Promise<void> {
  const sink: RecordingSink = {
    signal: (protocol, bytes, start, end, envelope) =>
      onLine(lineOfSignal(context.identity, protocol, bytes, start, end, envelope)),
    activity: activity => onLine(lineOfActivity(activity)),
    dropped: context.dropped,
  }
  const recording = await openRecording(path)
  await recording.read(sink, context)
}

function lineOfSignal(
  identity: Identity,
  protocol: SignalProtocol,
  bytes: Uint8Array,
  start: number,
  end: number,
  envelope: Envelope,
): InspectLine {
  const describe = describers[protocol]
  const framing = envelope.transport === 'tcp' || envelope.transport === 'tls' ? 'stream' : 'datagram'
  const said = describe?.(identity, bytes, start, end, framing) ?? { valid: false, reason: 'no-decoder' }
  const ends =
    envelope.source === ''
      ? {}
      : {
          source: endOf(envelope.source, envelope.sourcePort),
          destination: endOf(envelope.destination, envelope.destinationPort),
        }
  return { time: envelope.timeMs, protocol, ...said, ...ends, transport: envelope.transport }
}

function endOf(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function lineOfActivity(activity: Activity): InspectLine {
  const { time, kind, from, to, callId } = activity
  return {
    time,
    protocol: 'record',
    kind,
    from: from.party,
    ...(to === undefined ? {} : { to: to.party }),
    ...(callId === undefined ? {} : { callId }),
    valid: true,
  }
}
