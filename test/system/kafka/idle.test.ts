import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'
import { startRole } from '../../support/kafka-roles.ts'
import { cpuSeconds, SETTLING_SECONDS } from '../../support/processes.ts'
import { freeUdpPort } from '../../support/sockets.ts'

const jars = await kafkaJars()
/** A collection that V8 makes of its own accord in an idle process takes a tenth of a second: it must not decide. */
const MEASURED_SECONDS = 60

it('engine and tap without traffic take less than 1 % of a core together', {
  skip: 'missing' in jars ? jars.missing : false,
  timeout: 240_000,
}, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-idle-'))
  const cluster = await startKafka()
  t.after(async () => {
    await cluster.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const installation = { folder, brokers: cluster.brokers, topicPrefix: `${randomUUID()}.`, partitions: 4 }
  const yaml = `taps: [{ name: sbc, type: hep, listen: "udp://127.0.0.1:${await freeUdpPort()}" }]`
  const roles = [
    await startRole(t, installation, { role: 'tap', yaml }),
    await startRole(t, installation, { role: 'engine' }),
  ]
  const spent = () => roles.map(child => cpuSeconds(child.process.pid!))
  await delay(SETTLING_SECONDS * 1000)
  const before = spent()
  await delay(MEASURED_SECONDS * 1000)
  // Processor time, not the clock's: what else the machine does has no part in it.
  const each = spent().map((seconds, i) => (100 * (seconds - before[i]!)) / MEASURED_SECONDS)
  const percent = each.reduce((sum, one) => sum + one, 0)
  t.diagnostic(`tap ${each[0]!.toFixed(2)} %, engine ${each[1]!.toFixed(2)} % of a core`)
  assert.ok(percent < 1, `tap and engine took ${each.map(one => one.toFixed(2)).join(' + ')} % of a core`)
})
