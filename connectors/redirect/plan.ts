import type { RedirectOptions } from './options.ts'
import type { RedirectAnswer } from './port.ts'
import { bracketable, octets, quoted } from './text.ts'

/** What a plan is made from: the request as far as it matters, already free of control characters. */
export interface Situation {
  /** Request-URI without headers and marks, fit for <…>. */
  readonly uri: string
  /** URI of the origin as it was asserted or claimed; undefined when it cannot stand in <…>. */
  readonly originUri: string | undefined
  readonly display: string
  readonly attestation: 'A' | 'B' | 'C' | undefined
  readonly verification: string | undefined
  /** `;ringfence=…` for the way on, empty without marks; asked for only when there is a way on. */
  readonly mark: () => string
  /** URI of the signed card for redress (RFC 8688), undefined when there is none; asked for only when the call is refused. */
  readonly card: () => string | undefined
}

export interface Reply {
  readonly status: number
  readonly phrase: string
  /** Whole header lines without line ends. */
  readonly headers: readonly string[]
}

type PlanOptions = Omit<RedirectOptions, 'listen'>

const phrases: Readonly<Record<number, string>> = {
  302: 'Moved Temporarily',
  404: 'Not Found',
  480: 'Temporarily Unavailable',
  503: 'Service Unavailable',
}

/** The reply that an answer asks for, in the dialect of the switch. */
export function plan(answer: RedirectAnswer, situation: Situation, options: PlanOptions): Reply {
  const { action } = answer
  const note = noteOf(answer)
  if (action === 'block') return block(answer, situation, options, note)
  if (action === 'divert') {
    const target = diverted(options.divertTo, situation)
    return target === undefined
      ? block(answer, situation, options, note)
      : moved(target, [reasonOf(answer, options, 302), note])
  }
  if (action === 'challenge') {
    const target = diverted(options.challengeTo, situation)
    if (target !== undefined) return moved(target, [reasonOf(answer, options, 302), note])
  }
  return pass(situation, options, action === 'allow' ? '' : options.label, note)
}

function pass(situation: Situation, options: PlanOptions, label: string, note: string): Reply {
  const status = Number(options.pass)
  // Retry-After would make a switch take 503 for an overload; without it it goes to its next route (RFC 3261 §21.5.4).
  if (status !== 302) return { status, phrase: phrases[status]!, headers: [note] }
  const { uri, mark } = situation
  const onward = options.nextHop === '' ? uri : withHost(uri, options.nextHop)
  const identity = identityOf(situation, options, label)
  return moved(onward + mark(), identity === undefined ? [note] : [identity, note])
}

function moved(target: string, headers: readonly string[]): Reply {
  return { status: 302, phrase: phrases[302]!, headers: [`Contact: <${target}>`, ...headers] }
}

function block(answer: RedirectAnswer, situation: Situation, options: PlanOptions, note: string): Reply {
  if (options.block === '608') {
    const headers = [reasonOf(answer, options, 608)]
    const card = situation.card()
    // RFC 8688 §3.1: without a card the code still says that an engine refused.
    if (card !== undefined) headers.push(`Call-Info: <${card}>;purpose=jwscard`)
    return { status: 608, phrase: 'Rejected', headers: [...headers, note] }
  }
  if (options.block === '603+') {
    const contact = options.contact === '' ? '' : `;${contactPair(options.contact)}`
    const reason = `Reason: Q.850;cause=21;location=LN;text=${quoted(`v=analytics1${contact}`, 256)}`
    return { status: 603, phrase: 'Network Blocked', headers: [reason, note] }
  }
  return { status: 603, phrase: 'Decline', headers: [reasonOf(answer, options, 603), note] }
}

function contactPair(contact: string): string {
  if (contact.startsWith('mailto:')) return `email=${contact.slice(7)}`
  return contact.startsWith('tel:') ? `tel=${contact.slice(4)}` : `url=${contact}`
}

/** RFC 3326. */
function reasonOf({ category, reasons }: RedirectAnswer, { language }: PlanOptions, cause: number): string {
  const why = reasons[0]?.says[language] ?? 'Unwanted traffic'
  return `Reason: SIP;cause=${cause};text=${quoted(category === undefined ? why : `${category}: ${why}`, 160)}`
}

/** For logs and scripts of the proxy that asked. Names of packs are identifiers; anything else is left out. */
function noteOf({ action, score, category }: RedirectAnswer): string {
  const kind = category !== undefined && /^[\w-]{1,64}$/.test(category) ? `;category=${category}` : ''
  return `X-Ringfence: action=${action};score=${score}${kind}`
}

function diverted(template: string, { uri }: Situation): string | undefined {
  if (template === '') return undefined
  const user = /^sips?:([^@;?]+)@/i.exec(uri)?.[1] ?? /^tel:([^;?]+)/i.exec(uri)?.[1] ?? 'unknown'
  return bracketable(template.replaceAll('{to}', user))
}

/** The URI at another host; a tel: URI becomes a sip: one (RFC 3261 §19.1.6). */
function withHost(uri: string, host: string): string {
  const tel = /^tel:([^;?]+)/i.exec(uri)
  if (tel !== null) return `sip:${tel[1]}@${host};user=phone`
  return uri.replace(/^(sips?:)(?:([^@]*)@)?(?:\[[^\]]*\]|[^;?:]*)(?::\d+)?/i, (_, scheme: string, user?: string) =>
    user === undefined ? `${scheme}${host}` : `${scheme}${user}@${host}`,
  )
}

/** P-Asserted-Identity for the way on: the label before the name, verstat in the number. */
function identityOf(situation: Situation, options: PlanOptions, label: string): string | undefined {
  const { originUri, display } = situation
  if (originUri === undefined || (label === '' && !options.verstat)) return undefined
  const uri = options.verstat ? withVerstat(originUri, situation) : originUri
  const name = [label, display].filter(part => part !== '').join(' ')
  return `P-Asserted-Identity: ${name === '' ? '' : `${quoted(name, 128)} `}<${octets(uri)}>`
}

/** TS 24.229 §7.2A.20: a parameter of the tel URI, or of the telephone-subscriber in the user part of a sip URI. */
function withVerstat(uri: string, { attestation, verification }: Situation): string {
  const value =
    verification !== undefined
      ? 'TN-Validation-Failed'
      : attestation !== undefined
        ? 'TN-Validation-Passed'
        : 'No-TN-Validation'
  const plain = uri.replace(/;verstat=[^;@>?]*/gi, '')
  if (/^tel:/i.test(plain)) return `${plain};verstat=${value}`
  return /^sips?:\+?[\d.()-]+[;@]/i.test(plain) ? plain.replace('@', `;verstat=${value}@`) : plain
}
