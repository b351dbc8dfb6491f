import type { Route } from '../../engine/activity/index.ts'
import type { Envelope } from '../signal.ts'
import { BIND_RECEIVER, BIND_TRANSCEIVER, BIND_TRANSMITTER } from './commands.ts'
import { createFramer, type Framer, HEADER_BYTES } from './framer.ts'
import { type SmppDrop, type SmppLink, type SmppObserver, smppLink } from './observer.ts'

/** One connection as seen from the side: two directions, each cut into PDUs and looked at on its own. */
export interface SmppConnection {
  /** Octets that `a` sent to `b`, or `b` to `a`. */
  push(fromA: boolean, bytes: Uint8Array, start: number, end: number, timeMs: number): void
  /** Octets were missed. */
  gap(): void
  end(): void
}

/**
 * @param route what goes into every activity; the system_id of a bind becomes its trunk
 * @param inStep whether the connection is seen from its beginning
 */
export function smppConnection(
  a: string,
  b: string,
  route: Route,
  observer: SmppObserver,
  dropped: (reason: SmppDrop) => void,
  inStep: boolean,
): SmppConnection {
  // The two ends in one order, whoever sends: both directions and every tap then name the connection alike.
  const name = a < b ? `${a} ${b}` : `${b} ${a}`
  const fromA = smppLink({ ...route, peer: hostOf(a) }, name)
  const fromB = smppLink({ ...route, peer: hostOf(b) }, name)
  let nowMs = 0

  function framer(link: SmppLink): Framer {
    return createFramer(
      {
        pdu(bytes, start, end) {
          if (isBind(bytes, start)) nameTrunk(bytes, start, end)
          else observer.pdu(bytes, start, end, nowMs, link)
        },
        dropped,
      },
      inStep,
    )
  }

  function nameTrunk(bytes: Uint8Array, start: number, end: number): void {
    const systemId = readSystemId(bytes, start + HEADER_BYTES, end)
    if (systemId === '') return
    fromA.route = { ...fromA.route, trunk: systemId }
    fromB.route = { ...fromB.route, trunk: systemId }
  }

  const framers = [framer(fromA), framer(fromB)] as const
  return {
    push(isFromA, bytes, start, end, timeMs) {
      nowMs = timeMs
      framers[isFromA ? 0 : 1].push(bytes, start, end)
    },
    gap() {
      for (const each of framers) each.gap()
    },
    end() {
      for (const each of framers) each.end()
    },
  }
}

/** Connections followed at most in captures; each holds at most two unfinished PDUs. */
const CONNECTIONS = 4096

export interface SmppFlows {
  /** Takes octets of one direction in their order: whole PDUs, or pieces as TCP delivered them. */
  signal(bytes: Uint8Array, start: number, end: number, envelope: Envelope): void
  /** Octets of this direction were lost. */
  gap(envelope: Envelope): void
  /** Gives out all that still waits. */
  flush(): void
}

/** Follows many connections at once, as captures show them; the one seen first goes when there are too many. */
export function createSmppFlows(
  tap: { readonly name: string; readonly site: string | undefined },
  observer: SmppObserver,
  dropped: (reason: SmppDrop) => void,
): SmppFlows {
  const connections = new Map<string, SmppConnection>()
  const base: Route = tap.site === undefined ? { tap: tap.name } : { tap: tap.name, site: tap.site }
  let lastMs = 0

  function connectionOf(envelope: Envelope): { connection: SmppConnection; fromA: boolean } {
    const source = `${envelope.source}:${envelope.sourcePort}`
    const destination = `${envelope.destination}:${envelope.destinationPort}`
    const fromA = source < destination
    const name = fromA ? `${source} ${destination}` : `${destination} ${source}`
    let connection = connections.get(name)
    if (connection === undefined) {
      if (connections.size >= CONNECTIONS) forgetOldest()
      const route = { ...base, transport: envelope.transport }
      const [a, b] = fromA ? [source, destination] : [destination, source]
      connection = smppConnection(a, b, route, observer, dropped, false)
      connections.set(name, connection)
    }
    return { connection, fromA }
  }

  function forgetOldest(): void {
    for (const [name, connection] of connections) {
      connection.end()
      connections.delete(name)
      return
    }
  }

  return {
    signal(bytes, start, end, envelope) {
      const { connection, fromA } = connectionOf(envelope)
      connection.push(fromA, bytes, start, end, envelope.timeMs)
      if (envelope.timeMs - lastMs >= 1000) {
        lastMs = envelope.timeMs
        observer.expire(lastMs)
      }
    },
    gap(envelope) {
      connectionOf(envelope).connection.gap()
    },
    flush() {
      for (const connection of connections.values()) connection.end()
      connections.clear()
      observer.flush()
    },
  }
}

function isBind(bytes: Uint8Array, start: number): boolean {
  const command = bytes[start + 7]!
  const others = bytes[start + 4]! | bytes[start + 5]! | bytes[start + 6]!
  return others === 0 && (command === BIND_TRANSMITTER || command === BIND_RECEIVER || command === BIND_TRANSCEIVER)
}

/** system_id: the first field of a bind, 16 octets with its NUL (clause 4.1.1). */
function readSystemId(bytes: Uint8Array, start: number, end: number): string {
  const limit = Math.min(end, start + 16)
  let i = start
  while (i < limit && bytes[i] !== 0) i++
  return Buffer.from(bytes.subarray(start, i)).toString('latin1')
}

function hostOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':'))
}
