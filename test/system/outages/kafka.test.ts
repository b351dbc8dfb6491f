import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openKafkaLog } from '../../../engine/log/index.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'
import { type Installation, launchRole, type Role } from '../../support/kafka-roles.ts'
import { flood, stutter, type Watch, watchAlerts } from '../../support/outage.ts'
import { needs } from '../../support/peers.ts'
import type { Child } from '../../support/processes.ts'
import { type RunningPrometheus, startPrometheus } from '../../support/prometheus.ts'
import { type Operator, operatorsShell } from '../../support/runbook.ts'
import { type SampleSender, sendSampleSteadily } from '../../support/sample-sender.ts'
import { isReady, untilReady } from '../../support/service-process.ts'
import { eventually, freeTcpPort, freeUdpPort } from '../../support/sockets.ts'

const jars = await kafkaJars()
const skip = needs('prometheus') || ('missing' in jars ? jars.missing : false)

const TOKEN = 'switch-token-0123456789'
const engineClient = ['--entity-type', 'clients', '--entity-name', 'engine']

/** One installation on Kafka, a process a role, put through one outage after another; each test leaves it well. */
describe('an outage of an installation on Kafka fires its alert, and ends by its heading', { skip }, () => {
  const topicPrefix = `${randomUUID()}.`
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-outages-'))
  const running = new Map<Role, Child>()
  const configs = new Map<Role, string>()
  const ends: (() => Promise<unknown>)[] = []
  let installation: Installation
  let ports: Record<Role | 'hep', number>
  let cluster: KafkaCluster
  let prometheus: RunningPrometheus
  let watch: Watch
  let sender: SampleSender
  let operator: Operator

  async function launch(role: Role): Promise<void> {
    const token = createHash('sha256').update(TOKEN).digest('hex')
    const { child, config } = await launchRole({ after: end => ends.push(end) }, installation, {
      role,
      port: ports[role],
      urgent: true,
      log: ['spillBytes: 4000000'],
      kafka: [`clientId: ${role}`],
      serve: [`tokens: [{ name: edge, role: switch, sha256: ${token} }]`],
      yaml: `engine: { snapshotSeconds: 1 }
models: { enabled: false }
taps: [{ name: sbc, type: hep, listen: "udp://127.0.0.1:${ports.hep}" }]`,
    })
    running.set(role, child)
    configs.set(role, config)
  }
  const ready = (role: Role) => untilReady(role, running.get(role)!, ports[role])
  const configure = (...args: readonly string[]) => cluster.tool('kafka.admin.ConfigCommand', '--alter', ...args)
  const logOf = (role: Role) => {
    const { stdout, stderr } = running.get(role)!.output()
    return stdout + stderr
  }

  before(async () => {
    // What is slow here is what a test makes slow, not what else runs on the machine.
    cluster = await startKafka({ urgent: true })
    operator = await operatorsShell()
    ports = {
      hep: await freeUdpPort(),
      tap: await freeTcpPort(),
      engine: await freeTcpPort(),
      serve: await freeTcpPort(),
    }
    installation = { folder, brokers: cluster.brokers, topicPrefix, partitions: 2 }
    for (const role of ['tap', 'engine', 'serve'] as const) {
      await launch(role)
      await ready(role)
    }
    sender = sendSampleSteadily(ports.hep)
    prometheus = await startPrometheus([
      `127.0.0.1:${ports.tap}`,
      `127.0.0.1:${ports.engine}`,
      `127.0.0.1:${ports.serve}`,
    ])
    watch = watchAlerts(prometheus)
    // Both targets twice at the least: what was never seen to move cannot be missed.
    for (const moving of ['ringfence_tap_received_total', 'ringfence_verdicts_total', 'ringfence_tap_activities_total'])
      await eventually(
        `${moving} is seen to move`,
        async () => (await prometheus.query(`increase(${moving}[60s]) > 0`)).length > 0,
      )
  })

  after(async () => {
    sender?.stop()
    operator?.close()
    await prometheus?.stop()
    for (const end of ends) await end()
    await cluster?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('what to look at before: a process says what it waits for, a configuration is checked against the brokers', async () => {
    const said = await operator.does('Before you start', 'kubectl -n NS exec POD -- node -e', {
      '9464': String(ports.engine),
    })
    assert.match(said, /ready/)
    const checked = await operator.does('Before you start', 'kubectl -n NS exec POD -- node dist/cli/main.js check', {
      '/etc/ringfence/ringfence.yaml': configs.get('engine')!,
    })
    assert.match(checked, /"taps":\[\{"name":"sbc"/)
    await watch.quiet(
      'RingfenceTapSilent',
      'RingfenceTapLoss',
      'RingfenceTapDrops',
      'RingfenceLogUnavailable',
      'RingfenceRoleMissing',
      'RingfenceEngineStalled',
      'RingfenceSnapshotStale',
      'RingfenceDeadLetters',
      'RingfenceReputationStale',
      'RingfenceDecisionsFail',
    )
  })

  it('records that nobody can read', async () => {
    const log = await openKafkaLog({ brokers: cluster.brokers, topicPrefix, clientId: 'stranger' })
    try {
      await log.append([
        { topic: 'ringfence.activity', key: 'tel:+33123456789', value: Buffer.from('{"id":'), timeMs: 1 },
      ])
    } finally {
      await log.close()
    }
    await watch.fires('RingfenceDeadLetters')
    const parked = await operator.does('RingfenceDeadLetters', 'kafka-console-consumer', {
      BROKER: cluster.brokers[0]!,
      'ringfence.dead-letters': `${topicPrefix}ringfence.dead-letters`,
    })
    const letter = JSON.parse(parked.trim().split('\n')[0]!) as { topic: string; reason: string }
    assert.equal(letter.topic, 'ringfence.activity')
    assert.notEqual(letter.reason, '')
    await watch.ends('RingfenceDeadLetters')
  })

  it('snapshots that cannot be written', async () => {
    const snapshots = ['--entity-type', 'topics', '--entity-name', `${topicPrefix}ringfence.snapshots`]
    await configure(...snapshots, '--add-config', 'max.message.bytes=10')
    await watch.fires('RingfenceSnapshotStale')
    assert.match(logOf('engine'), /snapshot failed/)
    // Mend the log's side; do not restart the engine meanwhile.
    await configure(...snapshots, '--delete-config', 'max.message.bytes')
    await watch.ends('RingfenceSnapshotStale')
  })

  it('brokers that stutter', async () => {
    // On a busy machine the first verdicts of processes that have just started were slow, too.
    for (const name of ['LatencyBudgetFast', 'LatencyBudgetSlow']) await watch.ends(`Ringfence${name}`)
    const { stop } = stutter(cluster.pid(0)!)
    try {
      await watch.fires('RingfenceLatencyBudgetFast')
      await watch.fires('RingfenceLatencyBudgetSlow')
      // How the heading tells: `publish` is the slow one of the engine's own stages.
      const stages = await prometheus.query(
        'sum by (stage) (rate(ringfence_stage_seconds_sum{stage=~"judge|publish|snapshot"}[30s]))',
      )
      assert.equal(stages.toSorted((a, b) => b.value - a.value)[0]?.metric.stage, 'publish')
    } finally {
      stop()
    }
    await watch.ends('RingfenceLatencyBudgetFast')
  })

  it('an engine that is away, and one without a snapshot that is slow to rebuild its state and far behind', async () => {
    await running.get('engine')!.stop('SIGKILL')
    await watch.fires('RingfenceRoleMissing', { roles: 'engine' })
    await watch.fires('RingfenceEngineStalled')
    await flood(ports.hep, 4_000, 2_000)
    await cluster.tool(
      'org.apache.kafka.tools.TopicCommand',
      '--delete',
      '--topic',
      `${topicPrefix}ringfence.snapshots`,
    )
    await configure(...engineClient, '--add-config', 'consumer_byte_rate=20000')
    await launch('engine')
    await watch.fires('RingfenceRestoreSlow')
    // `readyz` names the partitions.
    const waits = await operator
      .does('Before you start', 'kubectl -n NS exec POD -- node -e', { '9464': String(ports.engine) })
      .catch(String)
    assert.match(waits, /partition/)
    await watch.fires('RingfenceLag')
    await configure(...engineClient, '--delete-config', 'consumer_byte_rate')
    await ready('engine')
    for (const name of ['RestoreSlow', 'RoleMissing', 'EngineStalled', 'Lag']) await watch.ends(`Ringfence${name}`)
  })

  it('a tap that is gone, and one that is sent what is no HEP', async () => {
    await running.get('tap')!.stop('SIGKILL')
    await watch.fires('RingfenceTapSilent', { tap: 'sbc' })
    await watch.fires('RingfenceRoleMissing', { roles: 'tap' })
    await launch('tap')
    await ready('tap')
    await watch.ends('RingfenceTapSilent')
    await watch.ends('RingfenceRoleMissing')

    const socket = createSocket('udp4')
    const noise = setInterval(() => {
      for (let i = 0; i < 5; i++) socket.send('not HEP at all', ports.hep, '127.0.0.1')
    }, 50)
    try {
      const { annotations } = await watch.fires('RingfenceTapDrops', { tap: 'sbc' })
      assert.match(annotations.summary ?? '', /\d+(\.\d+)?%/)
    } finally {
      clearInterval(noise)
      socket.close()
    }
    await watch.ends('RingfenceTapDrops')
  })

  it('brokers that are away, for so long that a tap has to drop', async () => {
    await cluster.kill(0)
    await watch.fires('RingfenceLogUnavailable', { tap: 'sbc' })
    await watch.fires('RingfenceReputationStale')
    const asking = setInterval(() => void report().catch(() => {}), 500)
    try {
      await flood(ports.hep, 6_000, 4_000)
      await watch.fires('RingfenceTapLoss', { tap: 'sbc' })
      await watch.fires('RingfenceDecisionsFail')
    } finally {
      clearInterval(asking)
    }
    await eventually('the tap says why', () => /the event log does not take activities/.test(logOf('tap')), {
      timeoutMs: 60_000,
    })
    // What the headings say: bring the brokers back; what waits runs down by itself.
    await cluster.start(0)
    for (const name of ['TapLoss', 'LogUnavailable', 'ReputationStale', 'DecisionsFail'])
      await watch.ends(`Ringfence${name}`)
    assert.equal(await isReady(ports.serve), true)
  })

  it('and the slow budget, once the last half hour is well', async () => {
    await watch.ends('RingfenceLatencyBudgetSlow')
  })

  const report = () =>
    fetch(`http://127.0.0.1:${ports.serve}/v1/feedback`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ party: '+33162000001', opinion: 'spam' }),
    })
})
