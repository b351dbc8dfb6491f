import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAppeals, readCardKey, signCard, type Tickets } from '../../engine/appeals/index.ts'
import type { Decide, Decision } from '../../engine/decide/index.ts'
import { openDesk } from '../../engine/desk/index.ts'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import type { Tally } from '../../engine/observe/index.ts'
import type { FollowedReputation } from '../../engine/reputation/index.ts'
import type { Pack } from '../../engine/rules/index.ts'
import {
  type AppealRoutes,
  appealRoutes,
  auditRoutes,
  type CampaignRoutes,
  campaignRoutes,
  type DecideRoutes,
  decideRoutes,
  type FeedbackRoutes,
  feedbackRoutes,
  type ListRoutes,
  listRoutes,
  openAuditTrail,
  type PackRoutes,
  type PartyRoutes,
  packRoutes,
  partyRoutes,
  type RouteGroup,
  type VerdictRoutes,
  verdictRoutes,
} from '../../engine/serve/index.ts'
import { openCampaigns } from './campaigns.ts'
import { openFeeds } from './feeds.ts'
import type { Ground } from './ground.ts'
import { instance } from './packs.ts'

export interface ApiParts {
  readonly decide: Decide
  readonly identity: Identity
  readonly reputation: FollowedReputation
  readonly pack: () => Pack
  readonly tickets: Tickets
  /** Decisions by action and way. */
  readonly decisions: Tally
}

/**
 * The groups of routes that the API serves, over the control topic and the audit trail that they share.
 * @throws RingfenceError of the log, of the audit trail's folder, of the card's key
 */
export async function openRouteGroups(ground: Ground, parts: ApiParts): Promise<readonly RouteGroup[]> {
  const { config, log, logger, metrics, opened } = ground
  const { decide, reputation, pack, decisions } = parts
  const now = Date.now
  const audit = await openAuditTrail(join(config.data, 'audit'), now)
  opened.push(audit.close)
  const desk = await openDesk({ log, instance, logger, now })
  opened.push(desk.close)
  const { answerHours } = config.serve.appeals
  const appeals = createAppeals({ log, desk, reputation, pack, answerHours, now })
  metrics.expose('ringfence_appeals_open', () => appeals.counts().open)
  metrics.expose('ringfence_appeals_overdue', () => appeals.counts().overdue)
  const campaigns = await openCampaigns(ground)
  const feeds = await openFeeds(ground, { decide, reputation, pack })
  const decided = ({ action }: Decision) => decisions.add(action, 'http')
  const card = cardOf(ground)
  return routeGroups({ ...parts, log, audit, desk, appeals, campaigns, card, now, decided }, feeds)
}

type Services = DecideRoutes &
  PartyRoutes &
  VerdictRoutes &
  CampaignRoutes &
  FeedbackRoutes &
  ListRoutes &
  PackRoutes &
  AppealRoutes

/** Every group of routes, in the order of the document; `feeds` opens its own services. */
export function routeGroups(services: Services, feeds: RouteGroup): readonly RouteGroup[] {
  return [
    decideRoutes(services),
    partyRoutes(services),
    verdictRoutes(services),
    campaignRoutes(services),
    feedbackRoutes(services),
    listRoutes(services),
    packRoutes(services),
    appealRoutes(services),
    feeds,
    auditRoutes(services),
  ]
}

/** Signs the card for redress, again every minute: its `iat` tells that it is fresh. With a ticket it is for one party alone. */
function cardOf({ config }: Ground): ((ticket: string | undefined) => string) | undefined {
  const { keyFile, name, url, email, tel, x5u } = config.serve.appeals
  if (keyFile === '') return undefined
  if (name === '' || `${url}${email}${tel}` === '')
    throw new RingfenceError('CONFIG_INVALID', 'serve.appeals: a signed card needs name, and one of url, email and tel')
  const key = readCardKey(textOf(keyFile))
  let signed = { text: '', atMs: 0 }
  return ticket => {
    const nowMs = Date.now()
    if (ticket !== undefined && url !== '')
      return signCard({ name, url: withTicket(url, ticket), email, tel, x5u }, key, nowMs)
    if (nowMs - signed.atMs > 60_000)
      signed = { text: signCard({ name, url, email, tel, x5u }, key, nowMs), atMs: nowMs }
    return signed.text
  }
}

/** A URL with the ticket of one party in its query. */
export function withTicket(url: string, ticket: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}ticket=${ticket}`
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new RingfenceError('INPUT_UNREADABLE', `serve.appeals.keyFile: ${messageOf(error)}`, { cause: error })
  }
}
