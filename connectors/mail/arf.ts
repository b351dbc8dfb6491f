import { readFile, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type Static, Type } from '@sinclair/typebox'
import { closed, type Route } from '../../engine/activity/index.ts'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import { countDrop } from '../../engine/observe/index.ts'
import type { Connector, TapContext } from '../connector.ts'
import { MAX_PARTY } from '../messages/index.ts'
import { watchDirectory } from '../records/index.ts'
import { partyOfMail } from './address.ts'
import { type AbuseReport, type ReportFault, readReport } from './report.ts'

const schema = Type.Object({
  path: Type.String({ default: '', description: 'directory of the mails: `new` of a Maildir, or one of .eml files' }),
  suffixes: Type.Array(Type.String({ maxLength: 32 }), {
    default: [''],
    description: 'the files that are mails, by the end of their names; an empty one takes all, as in a Maildir',
  }),
  pollMs: Type.Integer({
    default: 5000,
    minimum: 10,
    maximum: 3_600_000,
    description: 'how often it is looked at (ms)',
  }),
  settleMs: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 86_400_000,
    description: 'a mail is read once it has not changed for so long (ms); a Maildir moves mails in complete',
  }),
  done: {
    ...closed(['rename', 'delete', 'keep'], 'what becomes of a mail once the event log has it'),
    default: 'delete',
  },
  maxBytes: Type.Integer({ default: 10_485_760, minimum: 1024, description: 'largest mail that is read (bytes)' }),
})
export type ArfOptions = Static<typeof schema>

/** Why a mail gives no feedback: the closed list that drops are counted by. */
export type ArfDrop = ReportFault | 'mail too large' | 'not about spam' | 'no sender or recipient'

/** Feedback types (RFC 5965 clause 7.3, RFC 6430) and what they say; others, as auth-failure, say nothing of spam. */
const OPINIONS = new Map<string, 'spam' | 'ham'>([
  ['abuse', 'spam'],
  ['fraud', 'spam'],
  ['virus', 'spam'],
  ['other', 'spam'],
  ['not-spam', 'ham'],
])

/** Complaints of one report at most, whatever it claims. */
const INCIDENTS = 100

/** A mailbox of abuse reports: each becomes feedback about the one reported. */
export const arfConnector: Connector<typeof schema> = {
  type: 'arf',
  summary: 'abuse reports by e-mail (ARF, RFC 5965) from a Maildir or a directory',
  schema,
  async open(options, context) {
    await stat(options.path).catch(error => {
      throw new RingfenceError(
        'TAP_FAILED',
        `${context.name}: path ${options.path} cannot be read: ${messageOf(error)}`,
        {
          cause: error,
          hint: 'name the directory that the reports are delivered to',
        },
      )
    })
    const abort = new AbortController()
    const following = follow(options, context, abort.signal)
    return {
      address: options.path,
      finished: new Promise(() => {}),
      async close() {
        abort.abort()
        await following
      },
    }
  },
}

async function follow(options: ArfOptions, context: TapContext, signal: AbortSignal): Promise<void> {
  const directory = watchDirectory({ ...options, suffixes: options.suffixes })
  while (!signal.aborted) {
    try {
      for (const file of await directory.ready(context.now())) {
        if (signal.aborted) return
        const drop = await takeFile(file, options.maxBytes, context)
        if (drop !== undefined) countDrop(context.counters, drop)
        await context.durable()
        // What is no report is set aside, to be looked at by somebody.
        await directory.finish(file, drop === undefined || drop === 'not about spam')
      }
    } catch (error) {
      context.logger.warn({ error: messageOf(error) }, 'directory of abuse reports')
    }
    await delay(options.pollMs, undefined, { signal }).catch(() => {})
  }
}

async function takeFile(file: string, maxBytes: number, context: TapContext): Promise<ArfDrop | undefined> {
  const { counters } = context
  counters.received++
  if ((await stat(file)).size > maxBytes) return 'mail too large'
  const mail = await readFile(file)
  counters.bytes += mail.length
  const report = await readReport(mail)
  if ('fault' in report) return report.fault
  counters.decoded++
  return giveReport(report, context)
}

function giveReport(report: AbuseReport, context: TapContext): ArfDrop | undefined {
  const opinion = OPINIONS.get(report.type)
  if (opinion === undefined) return 'not about spam'
  const party = partyOfMail(report.reported, context.identity)
  const reporter = partyOfMail(report.reporter, context.identity)
  if (party === undefined || party.length > MAX_PARTY || (reporter?.length ?? 0) > MAX_PARTY)
    return 'no sender or recipient'
  const route: Route = {
    tap: context.name,
    transport: 'smtp',
    ...(context.site === undefined ? undefined : { site: context.site }),
    ...(report.sourceIp === undefined ? undefined : { peer: report.sourceIp.slice(0, 64) }),
  }
  const id = idOf('arf', report.messageId, report.type, party, reporter ?? '', String(report.timeMs ?? ''))
  for (let i = 0; i < Math.min(report.incidents, INCIDENTS); i++) {
    context.counters.activities++
    context.emit({
      id: i === 0 ? id : `${id}.${i + 1}`,
      role: 'origin',
      kind: 'feedback',
      time: report.timeMs ?? context.now(),
      from: { party },
      ...(reporter === undefined ? undefined : { to: { party: reporter } }),
      route,
      source: 'arf',
      opinion,
    })
  }
  return undefined
}
