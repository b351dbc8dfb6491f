import type { Identity } from '../../engine/identity/index.ts'
import { childOf, type XmlElement } from './element.ts'

/** A JID in its parts (RFC 7622); the resource is left away. */
export interface Jid {
  readonly local: string
  readonly domain: string
}

/** Splits a JID; undefined when there is no domain in it. */
export function readJid(text: string | undefined): Jid | undefined {
  if (text === undefined || text.length > 3071) return undefined
  const slash = text.indexOf('/')
  const bare = slash < 0 ? text : text.slice(0, slash)
  const at = bare.indexOf('@')
  const domain = bare.slice(at + 1)
  if (domain === '' || at === 0) return undefined
  return { local: at < 0 ? '' : bare.slice(0, at), domain }
}

/** Party of a JID: user and host, or the host alone. */
export function partyOfJid(jid: Jid, identity: Identity): string {
  return jid.local === '' ? jid.domain.toLowerCase() : identity.ofUser(jid.local, jid.domain)
}

export interface ReadMessage {
  readonly from: Jid
  readonly to: Jid
  readonly id: string
  /** undefined for an encrypted one. */
  readonly text: string | undefined
  readonly timeMs: number | undefined
}

export interface ReadReport {
  readonly reporter: Jid | undefined
  readonly reported: readonly Jid[]
  readonly id: string
}

export type Reading =
  | { readonly kind: 'message'; readonly message: ReadMessage }
  | { readonly kind: 'report'; readonly report: ReadReport }
  | {
      readonly kind: 'nothing'
      readonly why: 'error stanza' | 'no body' | 'copy of a message' | 'no sender or recipient'
    }
  | { readonly kind: 'other' }

const CARBONS = 'urn:xmpp:carbons:2'
const ARCHIVE = 'urn:xmpp:mam:2'
const FORWARD = 'urn:xmpp:forward:0'
const DELAY = 'urn:xmpp:delay'
const BLOCKING = 'urn:xmpp:blocking'
const ENCRYPTED = ['eu.siacs.conversations.axolotl', 'urn:xmpp:omemo:2', 'urn:xmpp:openpgp:0', 'jabber:x:encrypted']

/**
 * What a stanza tells: a message (RFC 6121 §5), a report of spam or abuse (XEP-0377, within a block of XEP-0191), or nothing.
 * Copies of messages that were seen when they were sent are left out: carbons (XEP-0280), archive results (XEP-0313).
 * @param forwards whether a forwarded message (XEP-0297) stands for itself: a server shows a tap its traffic that way
 */
export function readStanza(stanza: XmlElement, forwards: boolean): Reading {
  if (stanza.name === 'iq') return readIq(stanza)
  if (stanza.name !== 'message') return { kind: 'other' }
  if (stanza.attributes.type === 'error') return { kind: 'nothing', why: 'error stanza' }
  for (const child of stanza.children) {
    if (child.namespace === CARBONS || child.namespace === ARCHIVE) return { kind: 'nothing', why: 'copy of a message' }
  }
  const forwarded = forwards ? childOf(stanza, 'forwarded', FORWARD) : undefined
  const inner = forwarded === undefined ? undefined : childOf(forwarded, 'message')
  if (forwarded !== undefined && inner !== undefined) return readMessage(inner, delayOf(forwarded) ?? delayOf(inner))
  return readMessage(stanza, delayOf(stanza))
}

function readMessage(stanza: XmlElement, timeMs: number | undefined): Reading {
  if (stanza.attributes.type === 'error') return { kind: 'nothing', why: 'error stanza' }
  const encrypted = stanza.children.some(child => ENCRYPTED.includes(child.namespace))
  const body = bodyOf(stanza)
  // Chat states, receipts and markers have none: they say nothing to a person.
  if (body === undefined && !encrypted) return { kind: 'nothing', why: 'no body' }
  const from = readJid(stanza.attributes.from)
  const to = readJid(stanza.attributes.to)
  if (from === undefined || to === undefined) return { kind: 'nothing', why: 'no sender or recipient' }
  const origin = childOf(stanza, 'origin-id', 'urn:xmpp:sid:0')?.attributes.id
  const id = origin ?? stanza.attributes.id ?? ''
  return { kind: 'message', message: { from, to, id, text: encrypted ? undefined : body, timeMs } }
}

/** The body without a language if there is one, else the first (RFC 6121 §5.2.3: bodies are translations of each other). */
function bodyOf(stanza: XmlElement): string | undefined {
  let first: string | undefined
  for (const child of stanza.children) {
    if (child.name !== 'body' || child.text === '') continue
    if (child.attributes['xml:lang'] === undefined) return child.text
    first ??= child.text
  }
  return first
}

function readIq(stanza: XmlElement): Reading {
  const block = stanza.attributes.type === 'set' ? childOf(stanza, 'block', BLOCKING) : undefined
  if (block === undefined) return { kind: 'other' }
  const reported: Jid[] = []
  for (const item of block.children) {
    const jid = readJid(item.attributes.jid)
    if (jid !== undefined && item.name === 'item' && isReported(item)) reported.push(jid)
  }
  if (reported.length === 0) return { kind: 'other' }
  return {
    kind: 'report',
    report: { reporter: readJid(stanza.attributes.from), reported, id: stanza.attributes.id ?? '' },
  }
}

/** A report for spam or abuse, in the form of XEP-0377 0.2 and later or of the first version. */
function isReported(item: XmlElement): boolean {
  return item.children.some(
    child =>
      child.name === 'report' &&
      (child.namespace === 'urn:xmpp:reporting:1' || child.namespace === 'urn:xmpp:reporting:0'),
  )
}

function delayOf(element: XmlElement): number | undefined {
  const stamp = childOf(element, 'delay', DELAY)?.attributes.stamp
  const timeMs = stamp === undefined ? Number.NaN : Date.parse(stamp)
  return Number.isNaN(timeMs) || timeMs < 0 ? undefined : timeMs
}
