import { createFrameReader, frameOctets, msrpOpens } from '../msrp/index.ts'
import type { SignalProtocol } from '../signal.ts'
import { createFramer, smppOpens } from '../smpp/index.ts'
import { xmppOpens } from '../xmpp/index.ts'

/** A message protocol over TCP that captures recognise by the first octets of a stream. */
export interface MessageProtocol {
  readonly protocol: SignalProtocol
  opens(bytes: Uint8Array, start: number, end: number): 'yes' | 'no' | 'more'
  /** Cuts one direction of a stream into signals; what makes no sense is dropped with a reason. */
  frames(
    message: (bytes: Uint8Array, start: number, end: number) => void,
    dropped: (reason: string) => void,
  ): {
    push(bytes: Uint8Array, start: number, end: number): boolean
    gap(): void
  }
}

/** No XML may hold it: the reader of a stream with a gap begins anew. */
const GAP = Uint8Array.of(0)

/** SMPP by whole PDUs, MSRP by whole frames, XMPP by the pieces that TCP delivered (its stanzas are found by parsing). */
export const messageProtocols: readonly MessageProtocol[] = [
  {
    protocol: 'msrp',
    opens: msrpOpens,
    frames(message, dropped) {
      const reader = createFrameReader(
        {
          frame(frame) {
            const octets = frameOctets(frame)
            message(octets, 0, octets.length)
          },
          dropped: reason => dropped(named('msrp', reason)),
        },
        true,
      )
      return {
        push(bytes, start, end) {
          reader.push(bytes, start, end)
          return true
        },
        gap: reader.gap,
      }
    },
  },
  {
    protocol: 'smpp',
    opens: smppOpens,
    frames(message, dropped) {
      const framer = createFramer({ pdu: message, dropped: reason => dropped(named('smpp', reason)) }, true)
      return {
        push(bytes, start, end) {
          framer.push(bytes, start, end)
          return true
        },
        gap: framer.gap,
      }
    },
  },
  {
    protocol: 'xmpp',
    opens: xmppOpens,
    frames: message => ({
      push(bytes, start, end) {
        message(bytes, start, end)
        return true
      },
      gap: () => message(GAP, 0, 1),
    }),
  },
]

/** `smpp-length-out-of-range`: as captures name their reasons. */
function named(protocol: SignalProtocol, reason: string): string {
  return `${protocol}-${reason.replaceAll(' ', '-')}`
}
