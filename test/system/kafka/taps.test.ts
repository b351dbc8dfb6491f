import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readDatagrams } from '../../../cli/demo/datagrams.ts'
import { topics, type Verdict } from '../../../engine/activity/index.ts'
import { openKafkaLog } from '../../../engine/log/index.ts'
import { ENGINE_GROUP } from '../../../engine/runtime/index.ts'
import { readAll } from '../../contract/harness.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'
import { mainProgram, startRole } from '../../support/kafka-roles.ts'
import { startChild } from '../../support/processes.ts'
import { eventually, freeTcpPort } from '../../support/sockets.ts'

const sample = fileURLToPath(new URL('../../../../test/data/sample.pcap', import.meta.url))
const PATIENCE = { timeoutMs: 60_000 }
const jars = await kafkaJars()

if ('missing' in jars) {
  it('two taps on the same traffic', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  before(async () => {
    cluster = await startKafka()
  })
  after(() => cluster.close())

  it('two taps on the same traffic, one killed in the middle: nothing is counted twice, nothing is missing', {
    timeout: 240_000,
  }, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-taps-'))
    const topicPrefix = `${randomUUID()}.`
    const installation = { folder, brokers: cluster.brokers, topicPrefix, partitions: 1 }
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const tap = async (name: string) => {
      const port = await freeTcpPort()
      const yaml = `taps: [{ name: ${name}, type: hep, listen: "tcp://127.0.0.1:${port}" }]`
      const child = await startRole(t, installation, { role: 'tap', name, yaml })
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.on('error', () => {})
      return { child, socket }
    }
    const [one, two] = await Promise.all([tap('one'), tap('two')])
    const log = await openKafkaLog({ brokers: cluster.brokers, topicPrefix, partitions: 1 })
    t.after(() => log.close())
    const activity = { topic: topics.activity.topic, partition: 0 }
    const end = async () => (await log.bounds(activity)).next

    const packets = (await readDatagrams(sample, 9060)).map(({ payload }) => payload)
    const half = Math.floor(packets.length / 2)
    await Promise.all([one, two].map(({ socket }) => send(socket, packets.slice(0, half))))
    await eventually('both have published', async () => (await end()) > 100, PATIENCE)
    // In the middle of what it is sent next.
    const rest = [
      send(one.socket, packets.slice(half)),
      send(two.socket, packets.slice(half, half + 200)).catch(() => {}),
    ]
    await two.child.stop('SIGKILL')
    await Promise.all(rest)
    one.socket.end()

    await startRole(t, installation, { role: 'engine' })
    const verdicts = async () =>
      (await readAll(log, topics.verdicts.topic, 0)).map(
        ({ value }) => JSON.parse(Buffer.from(value!).toString()) as Verdict,
      )
    const replayed = join(folder, 'replayed.jsonl')
    const config = join(folder, 'replay.yaml')
    writeFileSync(config, 'identity: { defaultCountry: FR }\n')
    const replay = startChild(process.execPath, [
      mainProgram,
      'replay',
      sample,
      '--config',
      config,
      '--verdicts',
      replayed,
    ])
    t.after(() => replay.stop('SIGKILL'))
    assert.equal(await replay.ended, 0, replay.output().stderr)
    const expected = attempts(
      readFileSync(replayed, 'utf8')
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as Verdict),
    )
    await eventually(
      'everything is judged',
      async () =>
        (await log.committed(ENGINE_GROUP, activity)) === (await end()) && (await verdicts()).length >= expected.size,
      PATIENCE,
    )
    // The last dialogs are given up when the tap ends; nothing may come twice then either.
    await one.child.stop('SIGTERM', 20_000)
    const all = await verdicts()
    assert.equal(all.length, new Set(all.map(({ id }) => id)).size, 'no verdict came twice')
    assert.deepEqual(attempts(all), expected)
    const activities = (await readAll(log, activity.topic, 0)).map(
      ({ value }) => (JSON.parse(Buffer.from(value!).toString()) as { id: string }).id,
    )
    assert.ok(activities.length - new Set(activities).size > 100, 'both taps saw the same traffic')
  })
}

/** Action by activity of every call attempt and message on its origin's side. */
function attempts(verdicts: readonly Verdict[]): Map<string, string> {
  const judged = verdicts.filter(
    ({ kind, role }) => role === 'origin' && (kind === 'call.attempt' || kind === 'message'),
  )
  return new Map(judged.map(({ activity, action, score }) => [activity, `${action} ${score}`]))
}

async function send(socket: Socket, packets: readonly Uint8Array[]): Promise<void> {
  for (const packet of packets)
    if (!socket.write(packet)) await Promise.race([once(socket, 'drain'), once(socket, 'close')])
}
