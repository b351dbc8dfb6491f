import { createHash } from 'node:crypto'
import { Value } from '@sinclair/typebox/value'
import { defaultPack, vocabulary } from '../../../cli/packs.ts'
import { openRedirect, redirectSchema } from '../../../connectors/redirect/index.ts'
import { createDecide } from '../../../engine/decide/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { createMetrics, engineCounters, type Logger } from '../../../engine/observe/index.ts'
import { createReputationView } from '../../../engine/reputation/index.ts'
import { loadPacks } from '../../../engine/rules/index.ts'
import {
  apiCounters,
  createAccess,
  decideRoutes,
  type RouteGroup,
  route,
  serveHttp,
} from '../../../engine/serve/index.ts'
import { numberOf, reputationOf } from './parties.ts'

/** The serving side of the benchmark, in a process of its own: prints where it listens as one JSON line, ends with its parent. */
const PARTIES = 1_000_000
const TOKEN = 'bench-token-0123456789'

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }
const identity = createIdentity({ defaultCountry: 'FR' })
const pack = loadPacks([defaultPack], vocabulary)
const view = createReputationView(PARTIES)
const nowMs = Date.now()
for (let i = 0; i < PARTIES; i++) view.apply(reputationOf(numberOf(i), nowMs), 0, i, nowMs)
const decide = createDecide({ identity, view, pack: () => pack, staleMs: () => 0 })

/** What Fastify alone costs: the same request, parsed, answered with a constant. */
const bare: RouteGroup = {
  tag: 'bare',
  about: 'Nothing.',
  routes: [
    route({
      method: 'POST',
      path: '/bare',
      access: 'public',
      summary: 'Nothing',
      answers: { 200: { says: 'Nothing.' } },
      handle: () => ({ status: 200, body: { action: 'allow' } }),
    }),
  ],
}

const metrics = createMetrics(engineCounters(), 'bench')
const http = await serveHttp({
  listen: '127.0.0.1:0',
  metrics,
  notReady: () => [],
  api: {
    groups: [decideRoutes({ decide, now: Date.now, decided: () => {} }), bare],
    access: createAccess(
      [{ name: 'bench', role: 'switch', sha256: createHash('sha256').update(TOKEN).digest('hex') }],
      [],
    ),
    counters: apiCounters(metrics),
    logger: quiet,
    version: 'bench',
    rates: { decisions: 1e9, others: 1e9, strangers: 1e9 },
    now: Date.now,
  },
})
const redirect = await openRedirect(
  { ...Value.Create(redirectSchema), listen: ['udp://127.0.0.1:0'] },
  {
    ask: question => decide(question, Date.now()),
    identity,
    card: undefined,
    now: () => performance.now(),
    counters: { answered() {}, retransmitted() {}, absorbed() {}, dropped() {} },
  },
)

/** Decisions alone, without any wire: half of known parties, half of unknown ones. */
function coreMicroseconds(): number {
  const questions = Array.from({ length: 1_000 }, (_, i) => ({
    kind: 'call' as const,
    from: numberOf(i % 2 === 0 ? (i * 997) % PARTIES : PARTIES + i),
    to: `+33199${String(100_000 + i)}`,
  }))
  for (const question of questions) decide(question, nowMs)
  const startedMs = performance.now()
  for (let round = 0; round < 100; round++) for (const question of questions) decide(question, nowMs)
  return (performance.now() - startedMs) / 100
}

process.stdout.write(
  `${JSON.stringify({
    url: http.url,
    sip: redirect.addresses[0],
    token: TOKEN,
    parties: view.counters.parties,
    viewBytes: view.counters.bytes,
    decisionMicroseconds: coreMicroseconds(),
  })}\n`,
)
process.stdin.resume()
process.stdin.once('end', () => process.exit(0))
