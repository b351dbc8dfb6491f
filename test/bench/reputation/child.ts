import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { jsonCodec, Reputation, topics } from '../../../engine/activity/index.ts'
import { openEmbeddedLog } from '../../../engine/log/index.ts'
import { createLogger } from '../../../engine/observe/index.ts'
import { followReputation } from '../../../engine/reputation/index.ts'
import { numberOf, reputationOf } from '../decide/parties.ts'

/** One step of the benchmark in a process of its own: `fill` writes the topic, `follow` loads it and prints what that took. */
const [step, directory = '', count = '0'] = process.argv.slice(2)
const parties = Number(count)
const { topic } = topics.reputation
const log = await openEmbeddedLog({ directory, partitions: 8 })

if (step === 'fill') {
  const codec = jsonCodec(Reputation)
  const timeMs = Date.now()
  for (let from = 0; from < parties; from += 5_000) {
    const batch = Array.from({ length: Math.min(5_000, parties - from) }, (_, i) => numberOf(from + i))
    await log.append(batch.map(key => ({ topic, key, value: codec.encode(reputationOf(key, timeMs)), timeMs })))
  }
} else {
  const before = process.memoryUsage()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const startedMs = performance.now()
  const cpu = process.cpuUsage()
  const logger = createLogger({ level: 'silent' })
  let mostPrivate = 0
  const following = await followReputation({ log, instance: 'bench', maxParties: parties, logger, now: Date.now })
  while (following.notReady().length > 0) {
    const { heapTotal, arrayBuffers, external } = process.memoryUsage()
    mostPrivate = Math.max(mostPrivate, heapTotal + external + arrayBuffers)
    await sleep(20)
  }
  const { user, system } = process.cpuUsage(cpu)
  process.stdout.write(
    `${JSON.stringify({
      parties: following.counters().parties,
      seconds: (performance.now() - startedMs) / 1000,
      cpuSeconds: (user + system) / 1e6,
      viewMegabytes: following.counters().bytes / 1e6,
      mostHeapAndBuffersMegabytes: mostPrivate / 1e6,
      mostResidentMegabytes: process.resourceUsage().maxRSS / 1e3,
      residentBeforeMegabytes: before.rss / 1e6,
      eventLoopDelayP99Ms: delay.percentile(99) / 1e6,
      longestEventLoopDelayMs: delay.max / 1e6,
    })}\n`,
  )
  await following.close()
}
await log.close()
