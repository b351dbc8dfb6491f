import { readFileSync } from 'node:fs'
import { createTickets } from '../../engine/appeals/index.ts'
import { createDecide } from '../../engine/decide/index.ts'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { createTally } from '../../engine/observe/index.ts'
import { readLegal } from '../../engine/report/index.ts'
import type { PackHolder } from '../../engine/rules/index.ts'
import {
  apiCounters,
  createAccess,
  type HttpServer,
  type ServeConfig,
  serveHttp,
  type TlsTexts,
} from '../../engine/serve/index.ts'
import { openArchive } from '../archive.ts'
import { packFolders } from '../packs.ts'
import { version } from '../version.ts'
import { openRouteGroups, withTicket } from './api.ts'
import type { Ground } from './ground.ts'
import { openRedirectServer } from './redirect.ts'
import { openReputation, reputationNotReady } from './reputation.ts'

export interface Served {
  readonly http: HttpServer
  /** Addresses of the SIP redirect server as bound. */
  readonly redirect: readonly string[]
}

/**
 * Opens what the `serve` role offers: the archive when it has a place, the view of reputations, the API with decisions from
 * it, and the SIP redirect server.
 * @param notReady what else keeps this process from being ready, in words; none when it is
 * @throws RingfenceError of whatever could not be opened
 */
export async function openServe(ground: Ground, packs: PackHolder, notReady: () => readonly string[]): Promise<Served> {
  const { config, roles, log, logger, metrics, opened } = ground
  const { serve } = config
  if (config.archive.path !== '') {
    const { retentionDays } = readLegal(packFolders(config.engine.packs)).jurisdiction
    const archive = await openArchive(config, { log, logger, metrics, roles, retentionDays })
    archive.ended.catch((error: unknown) => logger.error({ reason: messageOf(error) }, 'the archive has stopped'))
    opened.push(archive.close)
  }
  const identity = createIdentity(config.identity)
  const reputation = await openReputation(ground)
  const pack = () => packs.current
  const decide = createDecide({ identity, view: reputation.view, pack, staleMs: reputation.staleMs })
  const decisions = createTally(2)
  metrics.expose('ringfence_decisions_total', decisions.samples)

  const { secret, periodDays, cardUrl } = serve.appeals
  const tickets = createTickets(secret, periodDays, Date.now)
  const groups = await openRouteGroups(ground, { decide, identity, reputation, pack, tickets, decisions })
  const tls = tlsOf(serve)
  const http = await serveHttp({
    listen: serve.listen,
    metrics,
    notReady: () => [...notReady(), ...reputationNotReady(reputation, serve.maxStaleSeconds)],
    bodyBytes: serve.bodyBytes,
    ...(tls === undefined ? {} : { tls }),
    api: {
      groups,
      access: createAccess(serve.tokens, serve.certificates),
      counters: apiCounters(metrics),
      logger,
      version,
      rates: {
        decisions: serve.decisionsPerSecond,
        others: serve.requestsPerSecond,
        strangers: serve.strangersPerSecond,
      },
      now: Date.now,
    },
  })
  opened.push(http.close)
  const redirect = await openRedirectServer(ground, {
    decide,
    identity,
    decisions,
    card: cardUrl === '' ? undefined : party => cardFor(cardUrl, tickets.of(party)),
  })
  return { http, redirect }
}

/** Where the card is found; without a ticket it is the one for all. */
const cardFor = (url: string, ticket: string | undefined) => (ticket === undefined ? url : withTicket(url, ticket))

function tlsOf({ tls }: ServeConfig): TlsTexts | undefined {
  if (tls.certFile === '') return undefined
  return {
    cert: pem(tls.certFile, 'certFile'),
    key: pem(tls.keyFile, 'keyFile'),
    ...(tls.clientCaFile === '' ? {} : { clientCa: pem(tls.clientCaFile, 'clientCaFile') }),
  }
}

function pem(file: string, key: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new RingfenceError('INPUT_UNREADABLE', `serve.tls.${key}: ${messageOf(error)}`, { cause: error })
  }
}
