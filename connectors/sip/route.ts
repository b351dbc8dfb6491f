import type { Route } from '../../engine/activity/index.ts'
import type { Envelope } from '../signal.ts'
import { endOfValue } from './address.ts'
import type { SipMessage } from './message.ts'
import { Header } from './names.ts'
import { type AddressTest, addressTest } from './networks.ts'
import type { SipOptions, TrunkRule } from './options.ts'
import { isSpace } from './read.ts'
import { latin1Of } from './text.ts'
import { type Found, findParameter } from './uri.ts'

/** How a request entered: the route of its activities, and the address that it really came from. */
export interface Router {
  /** Shared between activities: not to be changed. */
  routeOf(message: SipMessage, envelope: Envelope): Route
  /** Address of the sender; behind one of the operator's own elements, the one that this element says it received it from. */
  sourceOf(message: SipMessage, envelope: Envelope): string
}

const REMEMBERED_ROUTES = 16_384

interface Trunk {
  readonly rule: TrunkRule
  readonly isPeer: AddressTest | undefined
}

/**
 * Compiles the route rules.
 * @throws RingfenceError CONFIG_INVALID for a block that is none
 */
export function createRouter(tap: string, site: string | undefined, options: SipOptions): Router {
  const trunks: Trunk[] = options.trunks.map((rule, index) => ({
    rule,
    isPeer: rule.peer === undefined ? undefined : addressTest([rule.peer], `trunks[${index}].peer`),
  }))
  const isTrusted = addressTest(options.trustedPeers, 'trustedPeers')
  const trusts = options.trustedPeers.length > 0
  const via = { host: '', received: '' }

  function trunkOf(message: SipMessage, envelope: Envelope): string | undefined {
    let viaHost: string | undefined
    for (const { rule, isPeer } of trunks) {
      if (isPeer !== undefined && !isPeer(envelope.source)) continue
      if (rule.via !== undefined) {
        viaHost ??= readVia(message, 0, via) ? via.host : ''
        if (!isHost(viaHost, rule.via.toLowerCase())) continue
      }
      if (rule.trunkGroup !== undefined && !hasTrunkGroup(message, rule.trunkGroup)) continue
      return rule.trunk
    }
    return undefined
  }

  // Calls of one peer share one route object: 100 bytes less for each call that stands. Bounded, for spoofed sources.
  const known = new Map<string, Route>()

  return {
    routeOf(message, envelope) {
      const trunk = trunks.length > 0 ? trunkOf(message, envelope) : undefined
      const last = known.get(envelope.source)
      if (last !== undefined && last.trunk === trunk && last.transport === envelope.transport) return last
      const route: Route = { tap }
      if (site !== undefined) route.site = site
      if (trunk !== undefined) route.trunk = trunk
      if (envelope.source !== '') route.peer = envelope.source
      route.transport = envelope.transport
      if (known.size >= REMEMBERED_ROUTES) known.clear()
      known.set(envelope.source, route)
      return route
    },
    sourceOf(message, envelope) {
      let source = envelope.source
      if (!trusts) return source
      // Each element writes into the Via below its own where the request came from (RFC 3261 §18.2.1); what stands below
      // an address that is not ours was written by strangers.
      for (let depth = 1; depth < 32 && isTrusted(source); depth++) {
        if (!readVia(message, depth, via)) break
        source = via.received !== '' ? via.received : via.host
      }
      return source
    },
  }
}

function isHost(host: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern
}

const found: Found = { found: false, start: 0, end: 0 }

/** Host (lower case, brackets off) and `received` of the Via at that depth, 0 the topmost; false when there is none. */
function readVia(message: SipMessage, depth: number, out: { host: string; received: string }): boolean {
  const { bytes } = message
  let left = depth
  for (let line = message.first[Header.via]!; line !== -1; line = message.next[line]!) {
    const end = message.valueEnds[line]!
    let at = message.valueStarts[line]!
    while (at < end) {
      const valueEnd = endOfValue(bytes, at, end)
      if (left-- === 0) {
        viaParts(bytes, at, valueEnd, out)
        return true
      }
      at = valueEnd + 1
    }
  }
  return false
}

function viaParts(bytes: Uint8Array, start: number, end: number, out: { host: string; received: string }): void {
  let at = start
  for (let slashes = 0; at < end && slashes < 2; at++) if (bytes[at] === 0x2f) slashes++
  while (at < end && isSpace(bytes[at]!)) at++
  while (at < end && !isSpace(bytes[at]!)) at++
  while (at < end && isSpace(bytes[at]!)) at++
  let hostEnd = at
  if (bytes[at] === 0x5b) while (hostEnd < end && bytes[hostEnd] !== 0x5d) hostEnd++
  else
    while (hostEnd < end && bytes[hostEnd] !== 0x3a && bytes[hostEnd] !== 0x3b && !isSpace(bytes[hostEnd]!)) hostEnd++
  out.host = latin1Of(bytes, bytes[at] === 0x5b ? at + 1 : at, hostEnd).toLowerCase()
  findParameter(found, bytes, hostEnd, end, 'received')
  out.received = found.found ? latin1Of(bytes, found.start, found.end).replace(/[[\]]/g, '') : ''
}

/** RFC 4904 §5: the originating trunk group stands in the Contact, the terminating one in the Request-URI. */
function hasTrunkGroup(message: SipMessage, group: string): boolean {
  const { bytes } = message
  const contact = message.first[Header.contact]!
  if (contact !== -1 && isGroup(bytes, message.valueStarts[contact]!, message.valueEnds[contact]!, group)) return true
  return message.isRequest && isGroup(bytes, message.uriStart, message.uriEnd, group)
}

function isGroup(bytes: Uint8Array, start: number, end: number, group: string): boolean {
  if (!findParameter(found, bytes, start, end, 'tgrp')) return false
  // In a user part the @ ends it.
  const text = latin1Of(bytes, found.start, found.end)
  const at = text.search(/[@>]/)
  return (at === -1 ? text : text.slice(0, at)) === group
}
