import type { Activity, ActivityOf } from '../activity/index.ts'
import { idOf } from '../hash/index.ts'
import type { Identity } from '../identity/index.ts'
import { createContacts, markOf } from './contacts.ts'
import { parseReport } from './parse.ts'
import type { FeedbackOptions } from './schema.ts'

/** Why a report came to nothing: a closed list, fit for a metric's label. */
export type LostReport = 'no-number' | 'no-recent-call' | 'about-oneself' | 'no-text'

export interface Reports {
  /**
   * Looks at an activity of a tap: remembers who contacted whom, and turns a message to a reporting code or a call of a star
   * code into feedback about the one reported. Event time; never throws.
   */
  read(activity: Activity): ActivityOf<'feedback'> | undefined
  readonly counters: { taken: number; readonly lost: Map<LostReport, number> }
}

/** What is said of somebody whom we did not see contact the reporter counts half. */
const UNSEEN_TRUST = 0.5

/** A reader of reports; the activities of all taps of a process go through one. */
export function createReports(
  options: Pick<FeedbackOptions, 'reportCodes' | 'starCodes' | 'starSeconds' | 'forwardSeconds' | 'remembered'>,
  identity: Identity,
): Reports {
  const codes = new Set(options.reportCodes.flatMap(code => [code, identity.ofNumber(code)]))
  const stars = new Set(options.starCodes)
  const isUsed = codes.size + stars.size > 0
  const contacts = createContacts(isUsed ? options.remembered : 64)
  const counters: Reports['counters'] = { taken: 0, lost: new Map() }
  const starMs = options.starSeconds * 1000
  const forwardMs = options.forwardSeconds * 1000

  function lose(reason: LostReport): undefined {
    counters.lost.set(reason, (counters.lost.get(reason) ?? 0) + 1)
    return undefined
  }

  function give(of: Activity, party: string, source: 'report' | 'star-code', trust: number) {
    if (party === of.from.party) return lose('about-oneself')
    counters.taken++
    const feedback: ActivityOf<'feedback'> = {
      id: idOf(source, of.id, party),
      role: 'origin',
      kind: 'feedback',
      time: of.time,
      from: { party },
      to: { party: of.from.party },
      route: of.route,
      source,
      opinion: 'spam',
      trust,
    }
    return feedback
  }

  function byMessage(message: ActivityOf<'message'>) {
    const { text } = message.content ?? {}
    if (text === undefined) return lose('no-text')
    const reporter = message.from.party
    const { reported, text: forwarded } = parseReport(text)
    if (reported !== undefined) {
      const party = identity.ofNumber(reported)
      const seen = contacts.knows(reporter, party, message.time, forwardMs)
      return give(message, party, 'report', seen ? 1 : UNSEEN_TRUST)
    }
    const found = contacts.find(reporter, markOf(forwarded), message.time, forwardMs)
    return found === undefined ? lose('no-number') : give(message, found.origin, 'report', 1)
  }

  function byStarCode(call: ActivityOf<'call.attempt'>) {
    const last = contacts.find(call.from.party, 0, call.time, starMs)
    return last === undefined ? lose('no-recent-call') : give(call, last.origin, 'star-code', 1)
  }

  return {
    counters,
    read(activity) {
      if (!isUsed || activity.role !== 'origin' || activity.to === undefined) return undefined
      const { party } = activity.to
      if (activity.kind === 'message') {
        if (isCode(codes, party)) return byMessage(activity)
        const { text } = activity.content ?? {}
        if (text !== undefined && codes.size > 0)
          contacts.remember(party, activity.from.party, activity.time, markOf(text))
      } else if (activity.kind === 'call.attempt') {
        if (isCode(stars, party)) return byStarCode(activity)
        contacts.remember(party, activity.from.party, activity.time, 0)
      }
      return undefined
    },
  }
}

/** A code is dialled within its host: `7726`, `*77@ims.example`, `*77` alike. */
function isCode(codes: ReadonlySet<string>, party: string): boolean {
  if (codes.size === 0) return false
  if (codes.has(party)) return true
  const at = party.indexOf('@')
  return at > 0 && codes.has(party.slice(0, at))
}
