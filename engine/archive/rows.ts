import type { Activity, Feedback, Verdict } from '../activity/index.ts'
import type { Identity } from '../identity/index.ts'
import type { LanguageReader } from './language.ts'
import { networkOf, rangeOf } from './places.ts'
import type { Pseudonyms } from './pseudonym.ts'

export interface RowContext {
  readonly identity: Identity
  readonly pseudonyms: Pseudonyms
  readonly language: LanguageReader
}

/** Ids are kept to 66 bits: ten billion records a day share one with a probability below one in a thousand. */
const ID_LENGTH = 11
const shortId = (id: string): string => id.slice(0, ID_LENGTH)

/**
 * A row as a line of JSON. Pseudonyms are digits beyond a double, so that lines are put together by hand: `fields` are
 * encoded, `pseudonyms` written as they are.
 */
function jsonLine(
  fields: Readonly<Record<string, unknown>>,
  pseudonyms: Readonly<Record<string, string | undefined>> = {},
): string {
  let line = JSON.stringify(fields)
  for (const [name, value] of Object.entries(pseudonyms))
    if (value !== undefined) line = `${line.slice(0, -1)},"${name}":${value}}`
  return line
}

/** The call or message that an activity or verdict belongs to: all records of one call share it. */
function eventOf(kind: string, activity: string, callId: string | undefined): string {
  return kind.startsWith('call.') && callId !== undefined ? callId : activity
}

/** A verdict as it is archived: no reason's evidence, no Call-ID, no sample of a text. */
export function verdictLine(verdict: Verdict, { identity, pseudonyms }: RowContext): string {
  const { time, party, target, campaign } = verdict
  return jsonLine(
    {
      id: shortId(verdict.id),
      time,
      kind: verdict.kind,
      role: verdict.role,
      party_country: identity.numberFacts(party).country,
      party_range: rangeOf(party),
      target_country: target === undefined ? '' : identity.numberFacts(target).country,
      score: verdict.score,
      action: verdict.action,
      category: verdict.category ?? '',
      class: verdict.class ?? '',
      symbols: verdict.reasons.filter(reason => reason.state === 'enforce').map(reason => reason.symbol),
      shadow_action: verdict.shadowAction ?? '',
      trunk: verdict.route?.trunk ?? '',
      network: networkOf(verdict.route?.peer ?? ''),
      campaign: campaign?.id ?? '',
      campaign_targets: campaign?.targets ?? 0,
      pack: verdict.pack,
      model: verdict.model ?? '',
    },
    {
      event: pseudonyms.of(eventOf(verdict.kind, verdict.activity, verdict.callId), time),
      party: pseudonyms.of(party, time),
      target: target === undefined ? undefined : pseudonyms.of(target, time),
    },
  )
}

/** How a call went, how and in which language a message came; undefined for activities that are only counted. */
export function outcomeLine(activity: Activity, { pseudonyms, language }: RowContext): string | undefined {
  if (activity.role !== 'origin') return undefined
  const { kind, time } = activity
  const event = { event: pseudonyms.of(eventOf(kind, activity.id, activity.callId), time) }
  switch (kind) {
    case 'call.answered':
      return jsonLine({ time, kind, ringing: activity.ringing }, event)
    case 'call.ended':
      return jsonLine(
        { time, kind, duration: activity.duration, ringing: activity.ringing, ended_by: activity.endedBy },
        event,
      )
    case 'call.failed':
      return jsonLine(
        { time, kind, ringing: activity.ringing, status: activity.status, ended_by: activity.endedBy },
        event,
      )
    case 'message': {
      const text = activity.content?.text
      const protocol = activity.protocol ?? ''
      return jsonLine({ time, kind, protocol, language: text === undefined ? '' : language(text) }, event)
    }
    default:
      return undefined
  }
}

/** An opinion that came as an activity (607, a report in a protocol). */
export function opinionLine(activity: Activity, { pseudonyms }: RowContext): string | undefined {
  if (activity.kind !== 'feedback' || activity.role !== 'origin') return undefined
  const { id, time, source, opinion, from, to, callId } = activity
  return jsonLine(
    { id, time, source, opinion, verdict: '', category: '' },
    {
      party: pseudonyms.of(from.party, time),
      reporter: to === undefined ? undefined : pseudonyms.of(to.party, time),
      event: callId === undefined ? undefined : pseudonyms.of(callId, time),
    },
  )
}

/** An opinion from the feedback topic. Its text is left out. */
export function feedbackLine(feedback: Feedback, { pseudonyms }: RowContext): string {
  const { id, time, source, opinion, party, reporter, verdict, category } = feedback
  return jsonLine(
    { id, time, source, opinion, verdict: shortId(verdict ?? ''), category: category ?? '' },
    {
      party: pseudonyms.of(party, time),
      reporter: reporter === undefined ? undefined : pseudonyms.of(reporter, time),
    },
  )
}
