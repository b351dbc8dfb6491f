import type { Origin, Target } from '../../engine/activity/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import { createSipAddress, readAddress, type SipAddress } from './address.ts'
import { NO_NAMES } from './calls.ts'
import type { SipMessage } from './message.ts'
import { Header } from './names.ts'
import { displayOf, latin1Of, utf8Of } from './text.ts'
import { createSipUri, type Found, findParameter, readUri, type SipUri } from './uri.ts'

/** Kept for each call that stands, so that hostile lengths do not fill memory; parties are cut at 256 anyway. */
const MAX_URI = 512
const MAX_DIVERTED = 16

const address = createSipAddress()
const uri = createSipUri()
const found: Found = { found: false, start: 0, end: 0 }

/** Party of a URI, '' when it names nobody (no user and no host). */
export function partyOfUri(identity: Identity, bytes: Uint8Array, read: SipUri): string {
  if (read.userEnd === read.userStart && read.hostEnd === read.hostStart) return ''
  const user = utf8Of(bytes, read.userStart, Math.min(read.userEnd, read.userStart + 256))
  if (read.scheme === 'tel') return identity.ofUser(user, '')
  const host = latin1Of(bytes, read.hostStart, Math.min(read.hostEnd, read.hostStart + 256))
  if (user === '') return host.toLowerCase()
  if (host === '') return `${user}`.slice(0, 256)
  const isPhone =
    read.paramsEnd > read.paramsStart &&
    findParameter(found, bytes, read.paramsStart, read.paramsEnd, 'user') &&
    latin1Of(bytes, found.start, found.end).toLowerCase() === 'phone'
  return identity.ofUser(user, host, isPhone)
}

/** First header of the kind that names a number, else the first that names anyone: `address` is left at it. */
function pick(identity: Identity, message: SipMessage, code: number): string {
  const { bytes } = message
  let best = ''
  let bestLine = -1
  let bestStart = 0
  for (let line = message.first[code]!; line !== -1; line = message.next[line]!) {
    const end = message.valueEnds[line]!
    let at = message.valueStarts[line]!
    for (let i = 0; at < end && i < 8; i++) {
      readAddress(address, bytes, at, end)
      const party = partyOfUri(identity, bytes, address.uri)
      if (party.charCodeAt(0) === 0x2b) return party
      if (best === '' && party !== '') {
        best = party
        bestLine = line
        bestStart = at
      }
      at = address.nextStart
    }
  }
  if (bestLine !== -1) readAddress(address, bytes, bestStart, message.valueEnds[bestLine]!)
  return best
}

const sources = [
  ['pai', Header.assertedIdentity],
  ['ppi', Header.preferredIdentity],
  ['rpid', Header.remotePartyId],
] as const

/**
 * Who acted, as far as the headers say: P-Asserted-Identity and P-Preferred-Identity (RFC 3325), Remote-Party-ID (draft,
 * old agents), From; `asserted` says which. A signed identity is looked at aside (passport.ts). `claimed` is the From's party where it is another one.
 * @param believes whether asserted headers of this peer count
 */
export function originOf(identity: Identity, message: SipMessage, believes: boolean): Origin {
  const fromParty = pick(identity, message, Header.from)
  const origin: Origin = { party: fromParty === '' ? 'anonymous' : fromParty, asserted: 'from' }
  takeAddress(origin, message.bytes, message.first[Header.from] !== -1)
  for (const [asserted, code] of sources) {
    if (message.first[code] === -1 || (asserted === 'pai' && !believes)) continue
    const party = pick(identity, message, code)
    if (party === '') continue
    origin.party = party
    origin.asserted = asserted
    origin.uri = uriText(address, message.bytes)
    break
  }
  if (fromParty !== '' && fromParty !== origin.party) origin.claimed = fromParty
  return origin
}

function takeAddress(origin: Origin, bytes: Uint8Array, isThere: boolean): void {
  if (!isThere) return
  const text = uriText(address, bytes)
  if (text !== '') origin.uri = text
  const display = displayOf(address, bytes)
  if (display !== '') origin.display = display
}

function uriText(read: SipAddress, bytes: Uint8Array): string {
  return utf8Of(bytes, read.uriStart, Math.min(read.uriEnd, read.uriStart + MAX_URI)).slice(0, MAX_URI)
}

/**
 * Who is acted upon: the Request-URI's number; where it holds none (a registered contact behind the registrar), the To's
 * number; else the Request-URI's address, else the To's. For a response there is only the To.
 */
export function targetOf(identity: Identity, message: SipMessage): Target | undefined {
  const { bytes } = message
  let requested = ''
  if (message.isRequest) {
    readUri(uri, bytes, message.uriStart, message.uriEnd)
    requested = partyOfUri(identity, bytes, uri)
    if (requested.charCodeAt(0) === 0x2b) return requestTarget(message, requested)
  }
  const to = message.first[Header.to] === -1 ? '' : pick(identity, message, Header.to)
  if (to !== '' && (to.charCodeAt(0) === 0x2b || requested === '' || uri.userEnd === uri.userStart)) {
    return { party: to, uri: uriText(address, bytes) }
  }
  return requested === '' ? undefined : requestTarget(message, requested)
}

/** Parties of Request-URI and To: for whom a signed identity may have been made (RFC 8224 §4.1, RFC 8946 §4.1). */
export function calledOf(identity: Identity, request: SipMessage): readonly string[] {
  readUri(uri, request.bytes, request.uriStart, request.uriEnd)
  const requested = partyOfUri(identity, request.bytes, uri)
  const to = request.first[Header.to] === -1 ? '' : pick(identity, request, Header.to)
  return [requested, to].filter(party => party !== '')
}

function requestTarget(message: SipMessage, party: string): Target {
  return {
    party,
    uri: utf8Of(message.bytes, message.uriStart, Math.min(message.uriEnd, message.uriStart + MAX_URI)).slice(
      0,
      MAX_URI,
    ),
  }
}

/** Account of a REGISTER: the address of record in To (RFC 3261 §10.2). */
export function accountOf(identity: Identity, message: SipMessage): Target | undefined {
  if (message.first[Header.to] === -1) return undefined
  const party = pick(identity, message, Header.to)
  return party === '' ? undefined : { party, uri: uriText(address, message.bytes) }
}

/** The From as it is written, for activities that are counted under the source's address. */
export function fromUri(message: SipMessage): string {
  const line = message.first[Header.from]!
  if (line === -1) return ''
  readAddress(address, message.bytes, message.valueStarts[line]!, message.valueEnds[line]!)
  return uriText(address, message.bytes)
}

/**
 * Parties that the call was diverted by, last diversion first: Diversion (RFC 5806 §4.2: topmost is the latest), else
 * History-Info entries before the last one (RFC 7044: oldest first, the last is the current target).
 */
export function divertedOf(identity: Identity, message: SipMessage): string[] {
  if (message.first[Header.diversion] !== -1) return listOf(identity, message, Header.diversion)
  if (message.first[Header.historyInfo] === -1) return NO_NAMES
  const history = listOf(identity, message, Header.historyInfo)
  return history.slice(0, -1).reverse()
}

function listOf(identity: Identity, message: SipMessage, code: number): string[] {
  if (message.first[code] === -1) return NO_NAMES
  const parties: string[] = []
  for (let line = message.first[code]!; line !== -1; line = message.next[line]!) {
    const end = message.valueEnds[line]!
    let at = message.valueStarts[line]!
    for (let i = 0; at < end && i < MAX_DIVERTED && parties.length < MAX_DIVERTED; i++) {
      readAddress(address, message.bytes, at, end)
      const party = partyOfUri(identity, message.bytes, address.uri)
      if (party !== '') parties.push(party)
      at = address.nextStart
    }
  }
  return parties
}
