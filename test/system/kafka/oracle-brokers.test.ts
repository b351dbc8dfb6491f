import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'
import { startTrial } from '../../support/kafka-trial.ts'
import { eventually } from '../../support/sockets.ts'

/** The disk of the first broker. */
const DISK_BYTES = 96 * 1024 * 1024
const LEFT_BYTES = 256 * 1024

const jars = await kafkaJars()
const missing =
  'missing' in jars ? jars.missing : process.getuid?.() === 0 ? undefined : 'needs root: mounts a small disk'

if (missing !== undefined) {
  it('brokers of three that fail', { skip: missing }, () => {})
} else {
  let cluster: KafkaCluster
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-disks-'))
  const disk = join(folder, 'small')
  before(async () => {
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'ringfence', disk])
    cluster = await startKafka({
      brokers: 3,
      properties: { 'min.insync.replicas': '2' },
      logDirectory: broker => join(broker === 0 ? disk : folder, `log-${broker}`),
    })
  })
  after(async () => {
    await cluster?.close()
    execFileSync('umount', ['-l', disk])
    rmSync(folder, { recursive: true, force: true })
  })

  it('a broker of three killed in the middle of the work and started again loses nothing', {
    timeout: 240_000,
  }, async t => {
    const trial = await startTrial(t, cluster, { calls: 1500, seed: 21, replication: 3 })
    await trial.start()
    trial.emit(0.3)
    await trial.judged(Math.floor(trial.total * 0.2))
    await cluster.kill(1)
    trial.emit(0.6)
    await trial.judged(Math.floor(trial.total * 0.5))
    await cluster.start(1)
    await trial.conclude()
  })

  it('a broker whose disk is full loses nothing, and comes back when there is room', { timeout: 240_000 }, async t => {
    const trial = await startTrial(t, cluster, { calls: 1500, seed: 22, replication: 3 })
    await trial.start()
    trial.emit(0.2)
    await trial.judged(Math.floor(trial.total * 0.1))
    const { bavail, bsize } = statfsSync(disk)
    const filler = join(disk, 'filler')
    try {
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - LEFT_BYTES)))
    } catch (error) {
      // The broker was faster: full is what it shall be.
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
    }
    trial.emit(0.6)
    // A broker without a disk that takes records ends itself; the two others have everything.
    await eventually('the broker notices that its disk is full', () => cluster.pid(0) === undefined, {
      timeoutMs: 60_000,
    })
    await trial.judged(Math.floor(trial.total * 0.5))
    rmSync(filler)
    await cluster.start(0)
    await trial.conclude()
  })
}
