import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type RunningKamailio, startKamailio } from '../support/kamailio.ts'
import { needs } from '../support/peers.ts'
import { type RunningRingfence, startRingfence } from '../support/ringfence.ts'
import { startSipp } from '../support/sipp.ts'
import { eventually, freeTcpPort, freeUdpPort } from '../support/sockets.ts'

const HOST = '127.0.0.1'
const TOKEN = 'switch-token-0123456789'
const ROBOCALLER = '+33162000001'
const root = fileURLToPath(new URL('../../../', import.meta.url))
const scenes = join(root, 'test', 'system', 'enforce')

/** Blocks on what the default pack only flags, so that a few dozen calls are enough for a verdict to act on. */
const operatorPack = `name: strict
version: 1
thresholds: { flag: 1, challenge: 2, divert: 2.5, block: 3 }
`

interface Outcome {
  readonly attempts: number
  readonly rings: number
  readonly declined: number
  readonly rejected: number
  /** The longest time from INVITE to ringing. */
  readonly slowestMs: number
}

interface Scene {
  readonly kamailio: RunningKamailio
  readonly ringfence: RunningRingfence
  place(name: string, from: (index: number) => string, calls: number): Promise<Outcome>
  decide(from: string): Promise<string>
  close(): Promise<void>
}

async function open(way: 'redirect' | 'http'): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-enforce-'))
  const [edge, callees, hepPort, sipPort] = [
    await freeUdpPort(),
    await freeUdpPort(),
    await freeUdpPort(),
    await freeUdpPort(),
  ]
  const httpPort = await freeTcpPort()
  writeFileSync(join(folder, 'pack.yaml'), operatorPack)
  // SIPp writes its response times beside the scenario.
  copyFileSync(join(scenes, 'callers.xml'), join(folder, 'callers.xml'))
  const key = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
  writeFileSync(join(folder, 'card.pem'), key.export({ type: 'pkcs8', format: 'pem' }))
  const base = `http://${HOST}:${httpPort}`
  const ringfence = await startRingfence({
    folder,
    hepPort,
    httpPort,
    serve: [
      `tokens: [{ name: edge, role: switch, sha256: ${createHash('sha256').update(TOKEN).digest('hex')} }]`,
      `appeals: { name: Example, url: "https://example.net/redress", keyFile: "${join(folder, 'card.pem')}", cardUrl: "${base}/v1/appeals/card" }`,
    ],
    yaml: [
      `engine: { packs: ["${folder}"] }`,
      'models: { enabled: false }',
      `redirect: { listen: ["udp://${HOST}:${sipPort}"], block: "608" }`,
    ].join('\n'),
  })
  const kamailio = await startKamailio({
    edge: `${HOST}:${edge}`,
    collector: `${HOST}:${hepPort}`,
    callees: `${HOST}:${callees}`,
    inboxes: `${HOST}:${callees}`,
    template: join(scenes, 'edge.cfg'),
    workers: 4,
    values: {
      RINGFENCE: `${HOST}:${way === 'redirect' ? sipPort : httpPort}`,
      TOKEN,
      ASKING: way === 'redirect' ? 'uac_redirect' : 'http_client',
      INCLUDE: join(root, 'docs', 'enforcement', `kamailio-${way}.cfg`),
    },
  })
  const answering = await startSipp({
    name: 'callees',
    folder,
    scenario: join(root, 'test', 'system', 'load-callees.xml'),
    local: `${HOST}:${callees}`,
    args: ['-default_behaviors', 'none'],
  })
  return {
    kamailio,
    ringfence,
    async place(name, from, calls) {
      // No callee's number ends in 7: those are busy.
      const lines = Array.from(
        { length: calls },
        (_, i) => `${from(i)};+33199${String(400_000 + i * 60).padStart(6, '0')}`,
      )
      writeFileSync(join(folder, `${name}.csv`), `SEQUENTIAL\n${lines.join('\n')}\n`)
      const callers = await startSipp({
        name,
        folder,
        scenario: join(folder, 'callers.xml'),
        local: `${HOST}:${await freeUdpPort()}`,
        remote: `${HOST}:${edge}`,
        args: [
          ...['-inf', `${name}.csv`, '-m', String(calls), '-r', '20', '-timeout', '30s', '-cid_str', `%u-${name}@%s`],
          ...['-trace_rtt', '-rtt_freq', '1'],
        ],
      })
      const code = await callers.ended
      const counts = callers.counts()
      assert.equal(code, 0, `${name}: ${callers.errors().slice(0, 3000)} ${kamailio.log().slice(-2000)}`)
      const counter = (column: string) => Number(counts.columns[`${column}(C)`])
      return {
        attempts: counter('attempts'),
        rings: counter('rings'),
        declined: counter('declined'),
        rejected: counter('rejected'),
        slowestMs: slowest(folder, callers.pid),
      }
    },
    async decide(from) {
      const response = await fetch(`${base}/v1/decide`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ from }),
      })
      return ((await response.json()) as { action: string }).action
    },
    async close() {
      await answering.stop()
      await kamailio.stop()
      await ringfence.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** SIPp writes every response time to …_PID_rtt.csv: date, milliseconds, number. */
function slowest(folder: string, pid: number | undefined): number {
  const file = readdirSync(folder).find(each => each.includes(`_${pid}`) && each.endsWith('rtt.csv'))
  // None is written when no call rang.
  if (file === undefined) return 0
  const path = join(folder, file)
  const times = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map(line => Number(line.split(';')[1]))
  assert.ok(times.every(Number.isFinite), `response times of ${path}`)
  return Math.max(0, ...times)
}

const ordinary = (index: number) => `+3360000${String(2_000 + index)}`
const robocaller = () => ROBOCALLER

describe('calls through Kamailio that asks Ringfence', { skip: needs('kamailio', 'sipp') }, () => {
  for (const way of ['redirect', 'http'] as const) {
    it(`by ${way}: the robocaller is refused after its verdict, ordinary calls ring, all ring when the engine hangs or is gone`, async () => {
      const scene = await open(way)
      try {
        const first = await scene.place('first', ordinary, 5)
        assert.equal(first.rings, 5, scene.kamailio.log())
        const burst = await scene.place('burst', robocaller, 60)
        assert.ok(burst.rings > 0, 'it is unknown at first')
        await eventually('the robocaller has its verdict', async () => (await scene.decide(ROBOCALLER)) === 'block')

        const refused = await scene.place('refused', robocaller, 5)
        const [code, other] =
          way === 'redirect' ? [refused.rejected, refused.declined] : [refused.declined, refused.rejected]
        assert.deepEqual({ rings: refused.rings, code, other }, { rings: 0, code: 5, other: 0 })
        const ringing = await scene.place('ringing', ordinary, 5)
        assert.equal(ringing.rings, 5)
        const via = way === 'redirect' ? 'sip' : 'http'
        assert.ok((await scene.ringfence.metric('ringfence_decisions_total', { via, action: 'block' })) >= 5)

        // A configuration allows 300 ms or 1 s; the rest is for the grain of timers and a busy machine.
        const allowedMs = (way === 'redirect' ? 300 : 1000) + 1000
        // Stopped in its tracks: sockets are open, nobody answers.
        scene.ringfence.child.process.kill('SIGSTOP')
        const hung = await scene.place('hung', index => (index % 2 === 0 ? ROBOCALLER : ordinary(index)), 4)
        assert.equal(hung.rings, 4, 'with a hung engine every call rings')
        assert.ok(hung.slowestMs > 0 && hung.slowestMs < allowedMs, `held up for ${hung.slowestMs} ms`)
        await scene.ringfence.kill()
        const open = await scene.place('open', index => (index % 2 === 0 ? ROBOCALLER : ordinary(index)), 10)
        assert.equal(open.rings, 10, 'without an engine every call rings')
        assert.ok(open.slowestMs > 0 && open.slowestMs < allowedMs, `held up for ${open.slowestMs} ms`)
      } finally {
        await scene.close()
      }
    })
  }
})
