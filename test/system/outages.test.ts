import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { createMetrics, engineCounters, exposeScorer } from '../../engine/observe/index.ts'
import { serveHttp } from '../../engine/serve/index.ts'
import { openScorer, shippedModel } from '../../models/serving/index.ts'
import { startKafka } from '../support/kafka-broker.ts'
import { kafkaJars } from '../support/kafka-jars.ts'
import { needs } from '../support/peers.ts'
import { type Child, startChild } from '../support/processes.ts'
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts'
import { startRingfence } from '../support/ringfence.ts'
import { sendSampleSteadily } from '../support/sample-sender.ts'
import { eventually, freeTcpPort, freeUdpPort } from '../support/sockets.ts'

const mainProgram = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const jars = await kafkaJars()
const skip = needs('prometheus') || ('missing' in jars ? jars.missing : false)

/** What an alert may take sixty times faster: its window, its waiting time, and some for a busy machine. */
const WITHIN_MS = 30_000

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-outages-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An alert that a person reads: labels filled in, no template left, a link to its heading. */
function assertReadable({ annotations }: { annotations: Readonly<Record<string, string>> }): void {
  for (const text of Object.values(annotations)) assert.ok(!/\{\{|error expanding|<no value>/.test(text), text)
  assert.match(annotations.runbook_url ?? '', /^docs\/runbook\.md#ringfence/)
}

function writeOperatorPack(folder: string, text: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'pack.yaml'), text)
}

async function quiet(prometheus: RunningPrometheus, name: string): Promise<void> {
  const now = await prometheus.alerts()
  assert.ok(!now.some(alert => alert.name === name && alert.state === 'firing'), `${name} fires before its time`)
}

async function ends(prometheus: RunningPrometheus, name: string): Promise<void> {
  await eventually(`${name} ends`, async () => !(await prometheus.alerts()).some(alert => alert.name === name), {
    timeoutMs: 60_000,
    everyMs: 500,
  })
}

describe('an outage fires its alert', { skip }, () => {
  it('of the broker, and of a tap', async t => {
    const folder = temporary(t)
    const cluster = await startKafka()
    t.after(() => cluster.close())
    const children: Child[] = []
    t.after(async () => {
      for (const child of children) await child.stop('SIGKILL')
    })
    const topicPrefix = `${randomUUID()}.`
    const [hepPort, tapHttp, engineHttp] = [await freeUdpPort(), await freeTcpPort(), await freeTcpPort()]
    const start = async (role: 'tap' | 'engine', port: number) => {
      const config = join(folder, `${role}.yaml`)
      writeFileSync(
        config,
        `data: ${join(folder, role)}
log: { kind: kafka, partitions: 2, kafka: { brokers: ["${cluster.brokers.join('","')}"], topicPrefix: "${topicPrefix}" } }
metrics: { listen: "127.0.0.1:${port}" }
taps: [{ name: sbc, type: hep, listen: "udp://127.0.0.1:${hepPort}" }]
`,
      )
      const child = startChild(process.execPath, [mainProgram, 'run', '--config', config, '--roles', role])
      children.push(child)
      await eventually(
        `${role} is ready`,
        () =>
          fetch(`http://127.0.0.1:${port}/readyz`).then(
            answer => answer.ok,
            () => false,
          ),
        { failed: () => (child.hasEnded() ? JSON.stringify(child.output()) : undefined), timeoutMs: 30_000 },
      )
      return child
    }
    const tap = await start('tap', tapHttp)
    await start('engine', engineHttp)
    const sender = sendSampleSteadily(hepPort)
    t.after(() => sender.stop())
    const prometheus = await startPrometheus([`127.0.0.1:${tapHttp}`, `127.0.0.1:${engineHttp}`])
    t.after(() => prometheus.stop())
    // Both targets twice at the least: what was never seen to move cannot be missed.
    for (const moving of ['ringfence_tap_received_total', 'ringfence_verdicts_total'])
      await eventually(
        `${moving} is seen to move`,
        async () => (await prometheus.query(`increase(${moving}[60s]) > 0`)).length > 0,
      )
    await quiet(prometheus, 'RingfenceTapSilent')

    await tap.stop('SIGKILL')
    assertReadable(await prometheus.firing('RingfenceTapSilent', WITHIN_MS, { tap: 'sbc' }))
    assertReadable(await prometheus.firing('RingfenceRoleMissing', WITHIN_MS, { roles: 'tap' }))
    await start('tap', tapHttp)
    await ends(prometheus, 'RingfenceTapSilent')

    await quiet(prometheus, 'RingfenceLogUnavailable')
    await cluster.kill(0)
    assertReadable(await prometheus.firing('RingfenceLogUnavailable', WITHIN_MS, { tap: 'sbc' }))
    // What the heading says: bring the brokers back; what waits runs down by itself.
    await cluster.start(0)
    await ends(prometheus, 'RingfenceLogUnavailable')
  })

  it('of a thread that scores', async t => {
    const threads: Worker[] = []
    const taken = (worker: Worker) => threads.push(worker)
    process.on('worker', taken)
    const scorer = await openScorer({ text: shippedModel('text') })
    t.after(async () => {
      process.off('worker', taken)
      await scorer.close()
    })
    const metrics = createMetrics(engineCounters(), 'test')
    exposeScorer(metrics, scorer)
    const http = await serveHttp({ listen: '127.0.0.1:0', metrics, notReady: () => [] })
    t.after(() => http.close())
    const asking = setInterval(() => {
      void scorer.score([{ about: 'text', text: 'You have won a prize, call now' }])
    }, 20)
    t.after(() => clearInterval(asking))
    const prometheus = await startPrometheus([http.url.slice('http://'.length)])
    t.after(() => prometheus.stop())
    await eventually(
      'scores are scraped',
      async () => (await prometheus.query('rate(ringfence_model_scored_total[5s]) > 0')).length > 0,
    )
    await quiet(prometheus, 'RingfenceModelFallback')
    // One thread is replaced within a fifth of a second, as it should be: only one that dies again and again is an outage.
    const dying = setInterval(() => void threads.at(-1)?.terminate(), 100)
    t.after(() => clearInterval(dying))
    assertReadable(await prometheus.firing('RingfenceModelFallback', WITHIN_MS))
    clearInterval(dying)
    await ends(prometheus, 'RingfenceModelFallback')
  })

  it('of a refused pack, and of the whole process', async t => {
    const folder = temporary(t)
    const pack = join(folder, 'pack')
    writeOperatorPack(pack, 'name: operator\nversion: 1\n')
    const [hepPort, httpPort] = [await freeUdpPort(), await freeTcpPort()]
    const ringfence = await startRingfence({ folder, hepPort, httpPort, yaml: `engine: { packs: ["${pack}"] }` })
    t.after(() => ringfence.kill())
    const prometheus = await startPrometheus([`127.0.0.1:${httpPort}`])
    t.after(() => prometheus.stop())
    await quiet(prometheus, 'RingfenceReloadFailed')
    writeOperatorPack(pack, 'name: operator\nversion: 2\nno-such-key: 1\n')
    assertReadable(await prometheus.firing('RingfenceReloadFailed', WITHIN_MS))
    // What the heading says: mend that line; no restart is needed.
    writeOperatorPack(pack, 'name: operator\nversion: 3\n')
    await ends(prometheus, 'RingfenceReloadFailed')
    await ringfence.kill()
    assertReadable(await prometheus.firing('RingfenceRoleMissing', WITHIN_MS, { roles: 'tap+engine+serve' }))
  })
})
