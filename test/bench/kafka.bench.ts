import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Activity, keyOf, topics, type Verdict } from '../../engine/activity/index.ts'
import { createOutbox, type EventLog, type Outbox, openKafkaLog } from '../../engine/log/index.ts'
import { activityRecord, collectRarely } from '../../engine/runtime/index.ts'
import { trafficOf } from '../support/activities.ts'
import { type KafkaCluster, startKafka } from '../support/kafka-broker.ts'
import { kafkaJars } from '../support/kafka-jars.ts'
import { cpuSeconds, SETTLING_SECONDS } from '../support/processes.ts'
import { activityAt, generator, partyName, zipf } from './busy-hour.ts'

const PARTITIONS = 4
const GROUP = 'ringfence-engine'
const PARTIES = 100_000
const WARM_UP = 100_000
const SATURATION = 200_000
/** Calls of the traffic in which three in ten belong to two campaigns. */
const CAMPAIGN_CALLS = 30_000
/** The broker's compiler takes half a core for half a minute at this load, and a tenth after it: a steady load is asked for. */
const WARM_UP_SECONDS = 45
/** As long as the interval of snapshots, so that the time includes one of every partition. */
const LATENCY_SECONDS = 30
const IDLE_SECONDS = 10
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

/** The stream of the `engine` benchmark: calls in all their stages and messages by Zipf's law, each under both roles. */
function busyHour(): (count: number) => Activity[] {
  const random = generator(7)
  let sequence = 0
  return count => {
    const activities: Activity[] = []
    while (activities.length < count) {
      const [from, to] = [partyName(zipf(random, PARTIES)), partyName(zipf(random, PARTIES))]
      const one = activityAt(sequence++, from, to, random)
      activities.push(one, { ...one, role: 'target' })
    }
    return activities
  }
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

/** Emits at a steady rate, for so long; told of each as it is emitted. Gives how many. */
async function steadily(
  { outbox }: Bench,
  traffic: (count: number) => Activity[],
  perSecond: number,
  forSeconds: number,
  emitted: (activity: Activity) => void,
): Promise<number> {
  const started = performance.now()
  let count = 0
  for (let elapsed = 0; elapsed < forSeconds; elapsed = (performance.now() - started) / 1000) {
    // Made as it is needed, as a tap makes it of its packets: a minute's worth in memory would keep the collector busy.
    const activities = traffic(Math.max(0, Math.floor(elapsed * perSecond) - count))
    count += activities.length
    for (const activity of activities) {
      emitted(activity)
      outbox.emit(activityRecord(activity, keyOf(activity)))
    }
    await seconds(0.002)
  }
  return count
}

/** From the emission of an activity to its verdict in the hands of a consumer, at a steady rate, when all is warm. */
async function latency(bench: Bench, traffic: (count: number) => Activity[], perSecond: number) {
  const { tap, outbox } = bench
  // By the number in an activity's id. Not a Map: things that come to and go from one cost the tap collections of its own.
  const sentMs = new Float64Array(2 ** 20)
  const slotOf = (id: string) => Number(id.slice(1)) % sentMs.length
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
          const { activity, role } = JSON.parse(Buffer.from(value!).toString()) as Verdict
          const slot = slotOf(activity)
          if (role !== 'origin' || sentMs[slot] === 0) continue
          delays.push(now - sentMs[slot]!)
          sentMs[slot] = 0
        }
      },
      async revoked() {},
    },
  )
  const warmUp = await steadily(bench, traffic, perSecond, WARM_UP_SECONDS, () => {})
  const cpu = processors(bench)
  const started = performance.now()
  const emitted = await steadily(bench, traffic, perSecond, LATENCY_SECONDS, ({ id, role }) => {
    if (role === 'origin') sentMs[slotOf(id)] = performance.now()
  })
  const cores = coresSince(bench, cpu, (performance.now() - started) / 1000)
  await outbox.durable()
  await seconds(1)
  await subscription.close()
  delays.sort((a, b) => a - b)
  const at = (share: number) => round(delays[Math.floor(delays.length * share)] ?? Number.NaN)
  const budget = { p50Ms: 10, p99Ms: 50 }
  return {
    activitiesPerSecond: perSecond,
    emitted: warmUp + emitted,
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
  // As the service does.
  collectRarely()
  const broker = await startKafka({ asShipped: true })
  const topicPrefix = `${randomUUID()}.`
  const tap = await openKafkaLog({ brokers: broker.brokers, topicPrefix, partitions: PARTITIONS })
  const outbox = createOutbox({ log: tap })
  const engine = spawn(process.execPath, [engineProgram, broker.brokers.join(','), topicPrefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await once(engine.stdout!, 'data')
    const bench = { tap, outbox, broker, engine }
    const traffic = busyHour()
    let count = 0
    const saturated = async (activities: readonly Activity[]) => {
      const result = await saturation(bench, activities, count)
      count += activities.length
      return result
    }
    await saturated(traffic(WARM_UP))
    await seconds(SETTLING_SECONDS)
    const idleCpu = [cpuSeconds(process.pid), cpuSeconds(engine.pid!)] as const
    await seconds(IDLE_SECONDS)
    const idlePercent =
      ((cpuSeconds(process.pid) - idleCpu[0] + cpuSeconds(engine.pid!) - idleCpu[1]) / IDLE_SECONDS) * 100
    const busy = await saturated(traffic(SATURATION))
    const atHalf = await latency(bench, traffic, Math.floor(busy.activitiesPerSecond / 2))
    count += atHalf.emitted
    const campaigns = await saturated(trafficOf(CAMPAIGN_CALLS, 2))
    return {
      busyHour: { saturation: busy, halfLoad: atHalf },
      campaigns: { saturation: campaigns },
      idle: { tapAndEnginePercentOfACore: round(idlePercent, 2) },
    }
  } finally {
    engine.kill('SIGKILL')
    await outbox.close()
    await tap.close()
    await broker.close()
  }
}
