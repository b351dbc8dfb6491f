import { type Static, Type } from '@sinclair/typebox'
import type { Activity, Content, Route } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import { countDrop } from '../../engine/observe/index.ts'
import type { Connector, TapContext } from '../connector.ts'
import {
  type ContentGate,
  contentGate,
  contentOptions,
  contentReader,
  emitMessage,
  parseJson,
} from '../messages/index.ts'
import { authenticator, openPushServer, type PushDrop, tokenOptions } from '../push/index.ts'
import { tlsOptions } from '../tls/index.ts'
import { partyOfMail } from './address.ts'

const schema = Type.Object({
  host: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  port: Type.Integer({ default: 8082, minimum: 0, maximum: 65_535, description: 'port that Rspamd posts to' }),
  path: Type.String({ default: '/v1/rspamd', pattern: '^/', description: 'path that Rspamd posts to' }),
  tokens: tokenOptions,
  ...tlsOptions,
  maxBytes: Type.Integer({ default: 262_144, minimum: 1024, maximum: 16_777_216, description: 'largest post (bytes)' }),
  maxRecipients: Type.Integer({
    default: 1000,
    minimum: 1,
    maximum: 100_000,
    description: 'recipients of one mail that are taken',
  }),
  maxConnections: Type.Integer({ default: 64, minimum: 1, description: 'connections at a time; more are refused' }),
  content: contentOptions,
})
export type RspamdOptions = Static<typeof schema>

/** Why a post is no message: the closed list that drops are counted by. */
export type RspamdDrop =
  | PushDrop
  | 'nested too deep'
  | 'not JSON'
  | 'not metadata'
  | 'no sender or recipient'
  | 'too many recipients'

/** Actions of Rspamd, mildest first; the place in the list is the feature `rspamd_action`. */
const ACTIONS = ['no action', 'greylist', 'add header', 'rewrite subject', 'soft reject', 'reject']
/** Those by which Rspamd says that it is spam (`is_spam` of its metadata exporter). */
const SPAM_ACTIONS = ['add header', 'rewrite subject', 'reject']

/**
 * Takes what Rspamd's metadata exporter posts (`backend = "http"; formatter = "json"`): one message for each recipient, and
 * feedback of a machine (source `608`, which no feature counts) where Rspamd calls it spam. Mail itself is not filtered here.
 */
export const rspamdConnector: Connector<typeof schema> = {
  type: 'rspamd',
  summary: 'metadata of e-mail that Rspamd posts (metadata exporter over HTTP)',
  schema,
  async open(options, context) {
    const gate = contentGate(options.content, contentReader())
    const push = await openPushServer(options, context, authenticator(options.tokens), (body, sender) => {
      context.counters.received++
      context.counters.bytes += body.length
      const drop = takeMail(body, sender, options.maxRecipients, gate, context)
      if (drop === undefined) return { status: 200, answer: { accepted: 1 } }
      countDrop(context.counters, drop)
      // Rspamd would try a refused post again for ever where it is told to defer: what cannot be read is taken and dropped.
      return { status: 200, answer: { accepted: 0, reason: drop } }
    })
    return { address: push.address, finished: new Promise(() => {}), close: push.close }
  },
}

/** Hands one mail over. Returns why not. */
function takeMail(
  body: Buffer,
  sender: string,
  maxRecipients: number,
  gate: ContentGate,
  context: TapContext,
): RspamdDrop | undefined {
  const parsed = parseJson(body)
  if ('fault' in parsed) return parsed.fault === 'too deep' ? 'nested too deep' : 'not JSON'
  if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value)) return 'not metadata'
  const metadata = parsed.value as Readonly<Record<string, unknown>>
  const recipients = Array.isArray(metadata.rcpt) ? metadata.rcpt : []
  if (recipients.length > maxRecipients) return 'too many recipients'
  const { identity } = context
  const from = partyOfMail(textOf(metadata.from), identity) ?? partyOfMail(firstOf(metadata.header_from), identity)
  if (from === undefined) return 'no sender or recipient'
  const mail = readMail(metadata, from, sender, context)
  let taken = 0
  for (const recipient of recipients) {
    const to = partyOfMail(textOf(recipient), identity)
    if (to !== undefined && giveMail(mail, to, gate, context)) taken++
  }
  if (taken === 0) return 'no sender or recipient'
  context.counters.decoded++
  return undefined
}

interface Mail {
  readonly from: string
  readonly messageId: string
  readonly subject: string
  readonly action: string
  readonly score: number
  readonly route: Route
  readonly timeMs: number
}

function readMail(
  metadata: Readonly<Record<string, unknown>>,
  from: string,
  sender: string,
  context: TapContext,
): Mail {
  const peer = textOf(metadata.ip)
  const user = textOf(metadata.user)
  return {
    from,
    messageId: textOf(metadata.message_id) ?? textOf(metadata.qid) ?? '',
    subject: textOf(metadata.subject) ?? '',
    action: textOf(metadata.action) ?? '',
    score: typeof metadata.score === 'number' && Number.isFinite(metadata.score) ? metadata.score : 0,
    timeMs: context.now(),
    route: {
      tap: context.name,
      transport: 'smtp',
      // An authenticated customer is a trunk of its own; strangers come by the server that reports them.
      trunk: user ?? sender,
      ...(context.site === undefined ? undefined : { site: context.site }),
      ...(peer === undefined ? undefined : { peer: peer.slice(0, 64) }),
    },
  }
}

function giveMail(mail: Mail, to: string, gate: ContentGate, context: TapContext): boolean {
  const { from, messageId, timeMs, route, action } = mail
  const id = idOf('mail', messageId, from, to)
  const emit = (activity: Activity) => {
    context.counters.activities++
    context.emit(activity)
  }
  const scored: ContentGate = (...about) => withScore(gate(...about), mail)
  const message = { id, timeMs, from, to, route, protocol: 'mail', type: 'message/rfc822', text: mail.subject }
  if (!emitMessage(message, scored, emit)) return false
  if (SPAM_ACTIONS.includes(action)) {
    const said = { source: '608', opinion: 'spam' } as const
    emit({
      id: `${id}.f`,
      role: 'origin',
      kind: 'feedback',
      time: timeMs,
      from: { party: from },
      to: { party: to },
      route,
      ...said,
    })
  }
  return true
}

/** Rspamd's own judgement goes along as features where content may be looked at. */
function withScore(content: Content | undefined, mail: Mail): Content | undefined {
  if (content === undefined) return undefined
  const features: Record<string, number> = { ...content.features, rspamd_score: mail.score }
  const action = ACTIONS.indexOf(mail.action)
  if (action >= 0) features.rspamd_action = action
  return { ...content, features }
}

/** A text that says something: the exporter writes `unknown` for what it does not know. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value !== 'unknown' ? value : undefined
}

function firstOf(value: unknown): string | undefined {
  return textOf(Array.isArray(value) ? value[0] : value)
}
