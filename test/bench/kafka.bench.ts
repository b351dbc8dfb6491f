import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Activity, keyOf, topics } from '../../engine/activity/index.ts'
import { createOutbox, type EventLog, type Outbox, openKafkaLog } from '../../engine/log/index.ts'
import { activityRecord } from '../../engine/runtime/index.ts'
import { trafficOf } from '../support/activities.ts'
import { type KafkaCluster, startKafka } from '../support/kafka-broker.ts'
import { kafkaJars } from '../support/kafka-jars.ts'
import { cpuSeconds } from '../support/processes.ts'

const PARTITIONS = 4
const GROUP = 'ringfence-engine'
const SATURATION_CALLS = 40_000
const LATENCY_SECONDS = 8
const IDLE_SECONDS = 5
const engineProgram = fileURLToPath(new URL('../support/kafka-engine.js', import.meta.url))
const seconds = (count: number) => new Promise<void>(resolve => setTimeout(resolve, count * 1000))
const round = (value: number, digits = 1) => Math.round(value * 10 ** digits) / 10 ** digits

/** Processor seconds of tap, broker and engine so far. */
function processors({ broker, engine }: Bench) {
  const { user, system } = process.cpuUsage()
  return { tap: (user + system) / 1e6, broker: cpuSeconds(broker.pid(0)!), engine: cpuSeconds(engine.pid!) }
}

/** What each has taken of a core since then. */
function coresSince(bench: Bench, before: ReturnType<typeof processors>, elapsedSeconds: number) {
  const now = processors(bench)
  const share = (who: keyof typeof now) => round((now[who] - before[who]) / elapsedSeconds, 2)
  return { tap: share('tap'), broker: share('broker'), engine: share('engine') }
}

interface Bench {
  readonly tap: EventLog
  readonly outbox: Outbox
  readonly broker: KafkaCluster
  readonly engine: ChildProcess
}

async function positions(log: EventLog): Promise<number> {
  const committed = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, partition) =>
      log.committed(GROUP, { topic: topics.activity.topic, partition }),
    ),
  )
  return committed.reduce<number>((sum, position) => sum + (position ?? 0), 0)
}

async function judged(log: EventLog, count: number): Promise<void> {
  while ((await positions(log)) < count) await seconds(0.05)
}

function emit(outbox: Outbox, activities: readonly Activity[]): void {
  for (const activity of activities) outbox.emit(activityRecord(activity, keyOf(activity)))
}

/** Everything at once: what the three together can do, and who takes how much of the processors. */
async function saturation(bench: Bench, activities: readonly Activity[], before: number) {
  const { tap, outbox } = bench
  const cpu = processors(bench)
  const started = performance.now()
  for (let i = 0; i < activities.length; i += 500) {
    emit(outbox, activities.slice(i, i + 500))
    // A tap that can pause does.
    while (outbox.congested()) await seconds(0.01)
    await new Promise(resolve => setImmediate(resolve))
  }
  await judged(tap, before + activities.length)
  const elapsed = (performance.now() - started) / 1000
  return {
    activitiesPerSecond: Math.round(activities.length / elapsed),
    cores: coresSince(bench, cpu, elapsed),
    elapsedSeconds: round(elapsed),
  }
}

/** From the emission of an activity to its verdict in the hands of a consumer, at a steady rate. */
async function latency(bench: Bench, perSecond: number): Promise<Record<string, unknown>> {
  const { tap, outbox } = bench
  const sent = new Map<string, number>()
  const delays: number[] = []
  const subscription = await tap.subscribe(
    { group: randomUUID(), topics: [topics.verdicts.topic] },
    {
      async assigned(place) {
        return (await tap.bounds(place)).next
      },
      async batch({ records }) {
        const now = performance.now()
        for (const { value } of records) {
          const { activity } = JSON.parse(Buffer.from(value!).toString()) as { activity?: string }
          const at = activity === undefined ? undefined : sent.get(activity)
          if (at !== undefined) delays.push(now - at)
        }
      },
      async revoked() {},
    },
  )
  await seconds(3)
  // Half as many calls as activities; made before the clock starts.
  const activities = trafficOf(Math.ceil((perSecond * LATENCY_SECONDS) / 2), 99)
  const cpu = processors(bench)
  const started = performance.now()
  let next = 0
  while (next < activities.length) {
    const due = Math.min(activities.length, Math.floor(((performance.now() - started) / 1000) * perSecond))
    for (; next < due; next++) {
      const activity = activities[next]!
      sent.set(activity.id, performance.now())
      outbox.emit(activityRecord(activity, keyOf(activity)))
    }
    if (performance.now() - started > LATENCY_SECONDS * 1000) break
    await seconds(0.002)
  }
  const cores = coresSince(bench, cpu, (performance.now() - started) / 1000)
  await outbox.durable()
  await seconds(1)
  await subscription.close()
  delays.sort((a, b) => a - b)
  const at = (share: number) => round(delays[Math.floor(delays.length * share)] ?? Number.NaN)
  const budget = { p50Ms: 10, p99Ms: 50 }
  return {
    activitiesPerSecond: perSecond,
    emitted: next,
    verdicts: delays.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    budget,
    cores,
  }
}

/** Tap, broker and engine on this machine: activities a second at saturation, latency at half load, processors when idle. */
export async function kafkaBench(): Promise<Record<string, unknown>> {
  const jars = await kafkaJars()
  if ('missing' in jars) return { skipped: jars.missing }
  const broker = await startKafka({ java: ['-Xmx1g'] })
  const topicPrefix = `${randomUUID()}.`
  const tap = await openKafkaLog({ brokers: broker.brokers, topicPrefix, partitions: PARTITIONS })
  const outbox = createOutbox({ log: tap })
  const engine = spawn(process.execPath, [engineProgram, broker.brokers.join(','), topicPrefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await once(engine.stdout!, 'data')
    const bench = { tap, outbox, broker, engine }
    const warm = trafficOf(20_000, 1)
    emit(outbox, warm)
    await judged(tap, warm.length)
    // Compilers and collectors are still busy with the warm-up for a while.
    await seconds(6)
    const idleCpu = [cpuSeconds(process.pid), cpuSeconds(engine.pid!)] as const
    await seconds(IDLE_SECONDS)
    const idlePercent =
      ((cpuSeconds(process.pid) - idleCpu[0] + cpuSeconds(engine.pid!) - idleCpu[1]) / IDLE_SECONDS) * 100
    const saturated = await saturation(bench, trafficOf(SATURATION_CALLS, 2), warm.length)
    const atHalf = await latency(bench, Math.floor(saturated.activitiesPerSecond / 2))
    return { saturation: saturated, halfLoad: atHalf, idle: { tapAndEnginePercentOfACore: round(idlePercent, 2) } }
  } finally {
    engine.kill('SIGKILL')
    await outbox.close()
    await tap.close()
    await broker.close()
  }
}
