import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import autocannon, { type Instance } from 'autocannon'
import { createReputationView } from '../../engine/reputation/index.ts'
import { findPeer } from '../support/peers.ts'
import { startSipp } from '../support/sipp.ts'
import { freeUdpPort } from '../support/sockets.ts'
import { pace } from './decide/pace.ts'
import { paceSip } from './decide/pace-sip.ts'
import { numberOf, reputationOf } from './decide/parties.ts'

const CONNECTIONS = 32
const SECONDS = 4
/** Before anything counts: connections are opened, code is compiled, autocannon copies its requests for every connection. */
const WARM_UP_SECONDS = 2
const OBJECTIVE_MS = 50

interface Server {
  readonly url: string
  readonly sip: string
  readonly token: string
  readonly parties: number
  readonly viewBytes: number
  readonly decisionMicroseconds: number
}

/**
 * Decisions over HTTP (autocannon, keep-alive) and over SIP (SIPp) with a million parties in memory: the most that is
 * answered, and the delay at half of that. Server and load share the machine's two cores. The peer of HTTP is Fastify
 * answering the same request with a constant. Then a view of five million parties alone. At half of the load HTTP is asked
 * by a sender of ours that keeps an even pace, its times running while a request waits for a connection (`decide/pace.ts`), and so is
 * SIP beside SIPp, whose clock is too coarse for it.
 */
export async function decideBench(): Promise<Record<string, unknown>> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./decide/server.js', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const server = JSON.parse(line) as Server
    const http = await overHttp(server)
    const sip =
      findPeer('sipp') === undefined ? { skipped: 'needs sipp: apt-get install sip-tester' } : await overSip(server)
    const { parties, viewBytes, decisionMicroseconds } = server
    return {
      parties,
      viewMegabytes: round(viewBytes / 1e6),
      decisionMicroseconds: round(decisionMicroseconds),
      http,
      sip,
      fiveMillion: fiveMillion(),
    }
  } finally {
    child.stdin.end()
    child.kill()
  }
}

async function overHttp(server: Server) {
  const peak = await saturate(server, '/v1/decide')
  const bare = await saturate(server, '/bare')
  tidy()
  const { times, late, refused } = await pace({
    ...server,
    path: '/v1/decide',
    bodies: questions.map(each => JSON.stringify(each)),
    perSecond: Math.round(peak.perSecond / 2),
    seconds: SECONDS,
    warmUpSeconds: WARM_UP_SECONDS,
    connections: CONNECTIONS,
  })
  return {
    connections: CONNECTIONS,
    decisionsPerSecond: Math.round(peak.perSecond),
    p99AtPeakMs: peak.p99Ms,
    ratioToBareFastify: round(peak.perSecond / bare.perSecond),
    halfLoad: {
      perSecond: Math.round(times.length / SECONDS),
      refused,
      ...spread(times),
      sentLateP99Ms: spread(late).p99Ms,
    },
  }
}

/** What the run before left is collected now: 40 ms in which the sender would neither send nor see an answer. */
function tidy(): void {
  globalThis.gc?.()
}

/** Half of the callers are known, half are not. */
const questions = Array.from({ length: 1_000 }, (_, i) => ({
  from: numberOf(i % 2 === 0 ? i * 499 : 2_000_000 + i),
  to: `+33199${100_000 + i}`,
  callId: `c${i}`,
}))

/** As fast as answers come, one request at a time on every connection. */
async function saturate({ url, token }: Server, path: string) {
  const times: number[] = []
  const requests = questions.map(question => ({
    method: 'POST' as const,
    path,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(question),
  }))
  const duration = WARM_UP_SECONDS + SECONDS
  let others = 0
  let countsFromMs = Number.POSITIVE_INFINITY
  await new Promise<void>((resolve, reject) => {
    // With a callback it is the instance that is given, whose responses are timed one by one.
    const run: Instance = autocannon({ url, connections: CONNECTIONS, duration, requests }, error =>
      error === null || error === undefined ? resolve() : reject(error),
    )
    run.on('start', () => {
      countsFromMs = performance.now() + WARM_UP_SECONDS * 1000
    })
    run.on('response', (_, status, __, ms) => {
      if (performance.now() < countsFromMs) return
      times.push(ms)
      if (status !== 200) others++
    })
  })
  const seconds = (performance.now() - countsFromMs) / 1000
  return { perSecond: round(times.length / seconds), refused: others, ...spread(times) }
}

async function overSip(server: Server) {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-bench-'))
  try {
    const source = fileURLToPath(new URL('../../../test/bench/decide/sipp.xml', import.meta.url))
    copyFileSync(source, join(folder, 'ask.xml'))
    const lines = Array.from(
      { length: 10_000 },
      (_, i) => `${numberOf(i % 2 === 0 ? i * 97 : 2_000_000 + i)};${100_000 + i}`,
    )
    writeFileSync(join(folder, 'ask.csv'), `SEQUENTIAL\n${lines.join('\n')}\n`)
    // SIPp itself is the bound: it is asked for more than it can, and what came is the rate.
    const peak = await sipp(server, folder, 'peak', 20_000)
    const perSecond = Math.round(peak.perSecond / 2)
    tidy()
    const { times, late, refused } = await paceSip({
      remote: server.sip.slice('udp://'.length),
      calls: questions,
      perSecond,
      seconds: SECONDS,
      warmUpSeconds: WARM_UP_SECONDS,
    })
    return {
      perSecondAsSippManages: peak.perSecond,
      peak,
      halfLoad: { perSecond, unanswered: refused, ...spread(times), sentLateP99Ms: spread(late).p99Ms },
      halfLoadAsSippSees: await sipp(server, folder, 'half', perSecond),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function sipp(server: Server, folder: string, name: string, rate: number) {
  const calls = Math.min(rate * SECONDS, 60_000)
  const startedMs = performance.now()
  const asking = await startSipp({
    name,
    folder,
    scenario: join(folder, 'ask.xml'),
    local: `127.0.0.1:${await freeUdpPort()}`,
    remote: server.sip.slice('udp://'.length),
    args: [
      ...['-inf', 'ask.csv', '-m', String(calls), '-r', String(rate), '-l', '200', '-timeout', '30s'],
      // Calls begin every millisecond; by default those of 10 ms begin at once, and wait for each other.
      ...['-timer_resol', '1', '-trace_rtt', '-rtt_freq', '2000', '-buff_size', '4194304'],
    ],
  })
  await asking.ended
  const seconds = (performance.now() - startedMs) / 1000
  const { successful, failed, retransmissions } = asking.counts()
  const files = readdirSync(folder).filter(file => file.endsWith('rtt.csv') && file.includes(`_${asking.pid}`))
  const times = files.flatMap(file =>
    readFileSync(join(folder, file), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map(line => Number(line.split(';')[1])),
  )
  return { perSecond: Math.round(successful / seconds), failed, retransmissions, ...spread(times) }
}

function spread(times: ArrayLike<number>) {
  const sorted = Float64Array.from(times).sort()
  const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  const within = sorted.reduce((count, ms) => count + (ms <= OBJECTIVE_MS ? 1 : 0), 0)
  return {
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: round(sorted.at(-1) ?? 0),
    percentWithin50Ms: sorted.length === 0 ? 0 : Math.floor((within / sorted.length) * 1e5) / 1e3,
  }
}

/** Five million numbers with a standing: what they take, and what putting one in and looking one up cost. */
function fiveMillion() {
  const PARTIES = 5_000_000
  globalThis.gc?.()
  const before = process.memoryUsage()
  const view = createReputationView(PARTIES)
  const nowMs = Date.now()
  const record = reputationOf('', nowMs)
  let slowestMs = 0
  const startedMs = performance.now()
  for (let i = 0; i < PARTIES; i++) {
    const oneMs = performance.now()
    view.apply({ ...record, party: numberOf(i) }, 0, i, nowMs)
    slowestMs = Math.max(slowestMs, performance.now() - oneMs)
  }
  const filledMs = performance.now()
  let found = 0
  for (let i = 0; i < 1_000_000; i++)
    if (view.find(numberOf((i & 1) === 0 ? i * 4 : PARTIES + i)) !== undefined) found++
  const lookedMs = performance.now()
  globalThis.gc?.()
  const after = process.memoryUsage()
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  return {
    parties: view.counters.parties,
    megabytes: round(grown / 1e6),
    bytesAParty: round(grown / PARTIES),
    applyMicroseconds: round(((filledMs - startedMs) / PARTIES) * 1000),
    longestApplyMs: round(slowestMs),
    lookUpMicroseconds: round((lookedMs - filledMs) / 1000),
    found,
  }
}

const round = (value: number) => Math.round(value * 100) / 100
