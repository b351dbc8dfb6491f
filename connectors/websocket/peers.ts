import { isIP } from 'node:net'
import type { Envelope } from '../signal.ts'

/** What the upgrade request says of the connection whose frames are to come. */
export interface Upgrade {
  readonly url: string
  readonly forwardedFor: string | undefined
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  readonly isTls: boolean
}

/**
 * Envelope of a connection's frames, its time still to be set. A mirror may say whose frames it passes on, where it is
 * believed: `?source=198.51.100.2:5060&destination=[2001:db8::1]:443`, or a proxy's X-Forwarded-For.
 */
export function envelopeOf(upgrade: Upgrade, isBelieved: boolean): Envelope {
  const envelope: Envelope = {
    timeMs: 0,
    source: plain(upgrade.remoteAddress),
    sourcePort: upgrade.remotePort,
    destination: plain(upgrade.localAddress),
    destinationPort: upgrade.localPort,
    transport: upgrade.isTls ? 'wss' : 'ws',
    correlationId: '',
  }
  if (!isBelieved) return envelope
  const query = new URL(upgrade.url, 'http://tap').searchParams
  const forwarded = upgrade.forwardedFor?.split(',', 1)[0]?.trim() ?? ''
  const source = endpointOf(query.get('source') ?? forwarded)
  if (source !== undefined) {
    envelope.source = source.address
    envelope.sourcePort = source.port
  }
  const destination = endpointOf(query.get('destination') ?? '')
  if (destination !== undefined) {
    envelope.destination = destination.address
    envelope.destinationPort = destination.port
  }
  return envelope
}

/** An IPv4 client of a dual-stack socket shows as ::ffff:a.b.c.d: rules are written for a.b.c.d. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}

/** `address`, `address:port` or `[address]:port`; undefined for anything else. */
function endpointOf(text: string): { address: string; port: number } | undefined {
  if (isIP(text) !== 0) return { address: text, port: 0 }
  const parts = /^\[?([0-9A-Fa-f.:]+)\]?:(\d{1,5})$/.exec(text)
  if (parts === null) return undefined
  const address = parts[1] ?? ''
  const port = Number(parts[2])
  return isIP(address) === 0 || port > 65_535 ? undefined : { address, port }
}
