import { performance } from 'node:perf_hooks'
import { defaultPack, vocabulary } from '../../cli/packs.ts'
import type { Activity } from '../../engine/activity/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { createPartition, type Partition, WARM } from '../../engine/partition/index.ts'
import { loadPacks } from '../../engine/rules/index.ts'
import { activityCodec } from '../../engine/runtime/index.ts'
import { activityAt, generator, partyName, zipf } from './busy-hour.ts'
import { collect, watchPauses } from './garbage.ts'

const ACTIVITIES = 300_000
/** Made at a time: few enough that the garbage is not the bench's. */
const SLICE = 4_096
/**
 * Judged before the others, and told apart: state has only seen first contacts until then, and V8's compiler works for
 * a quarter of a second of processor time beside the first ordinary ones.
 */
const COMPILING = 16 * SLICE

/**
 * Activities a second on one core through a whole partition: state, features, the default pack, verdict. Parties by
 * Zipf's law after each has been seen once; every attempt and message under both roles. `from the log` adds reading the
 * JSON record and checking it against its schema, as the service does. PARTIES=1000000 measures one size alone.
 */
export async function engineBench(): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {}
  const sizes = (process.env.PARTIES ?? '1000000,5000000').split(',').map(Number)
  for (const parties of sizes) results[`${parties / 1e6}M parties`] = await measure(parties)
  return results
}

async function measure(parties: number): Promise<Record<string, unknown>> {
  const pack = loadPacks([defaultPack], vocabulary)
  const emptyMs = collect()
  const partition = createPartition({
    pack,
    identity: createIdentity(),
    behaviour: { maxParties: parties },
    verdicts: 'found',
  })
  const traffic = createTraffic(parties)
  for (let n = 0; n < parties; n++) partition.apply(traffic.first(n))
  const fullMs = collect()
  const pauses = watchPauses()
  const fromMemory = (slice: Activity[]) => () => judge(partition, slice)
  const compiling = await timed(traffic, COMPILING, fromMemory)
  const inMemory = await timed(traffic, ACTIVITIES, fromMemory)
  const fromLog = await timed(traffic, ACTIVITIES, slice => {
    const encoded = slice.map(activityCodec.encode)
    return () => judge(partition, encoded.map(decode))
  })
  const figures = partition.figures()
  return {
    rules: pack.rules.length,
    parties: figures.parties,
    'activities/s of processor time': inMemory.perCpuSecond,
    'activities/s by the clock': inMemory.perSecond,
    [`the first ${COMPILING}, while V8 compiles, activities/s of processor time`]: compiling.perCpuSecond,
    'from the log, activities/s of processor time': fromLog.perCpuSecond,
    verdicts: compiling.verdicts + inMemory.verdicts + fromLog.verdicts,
    'state bytes/party, everything': Math.round(figures.stateBytes / figures.parties),
    'longest GC pause while judging, ms': pauses.longestMs(),
    'full GC, ms': { 'before the parties': emptyMs, 'with them': fullMs },
  }
}

/** The stream of a busy hour: each party once, then by Zipf's law. */
function createTraffic(parties: number) {
  const random = generator(7)
  let sequence = 0
  return {
    first: (n: number): Activity => activityAt(sequence++, partyName(n), partyName((n * 7919) % parties), random),
    next(): Activity[] {
      const slice: Activity[] = []
      while (slice.length < SLICE) {
        const from = partyName(zipf(random, parties))
        const one = activityAt(sequence++, from, partyName(zipf(random, parties)), random)
        slice.push(asLogged(one), asLogged({ ...one, role: 'target' }))
      }
      return slice
    },
  }
}

/**
 * The record as the log gives it: out of JSON, one shape to V8 for each set of fields. Objects that are spread here have a
 * hidden class each every second time, and each field of theirs took V8 a miss: a seventh of the time, none of it the
 * engine's.
 */
function asLogged(activity: Activity): Activity {
  return decode(activityCodec.encode(activity))
}

/** As the service does: warm a few, then judge them. */
function judge(partition: Partition, activities: readonly Activity[]): number {
  let verdicts = 0
  for (let from = 0; from < activities.length; from += WARM) {
    const next = activities.slice(from, from + WARM)
    partition.warm(next)
    for (const activity of next) if (partition.apply(activity).verdict !== undefined) verdicts++
  }
  return verdicts
}

function decode(bytes: Uint8Array): Activity {
  const decoded = activityCodec.decode(bytes)
  if (!decoded.ok) throw new Error(decoded.reason)
  return decoded.value
}

/** `prepare` is not timed, what it gives is. */
async function timed(
  traffic: { next(): Activity[] },
  activities: number,
  prepare: (slice: Activity[]) => () => number,
) {
  let verdicts = 0
  let count = 0
  let spentMs = 0
  let cpuMs = 0
  while (count < activities) {
    const work = prepare(traffic.next())
    const before = performance.now()
    const cpu = process.cpuUsage()
    verdicts += work()
    const { user, system } = process.cpuUsage(cpu)
    spentMs += performance.now() - before
    cpuMs += (user + system) / 1000
    count += SLICE
    await new Promise(resolve => setImmediate(resolve))
  }
  return {
    verdicts,
    perSecond: Math.round(count / (spentMs / 1000)),
    // On a machine that others use, the processor time says more than the clock.
    perCpuSecond: Math.round(count / (cpuMs / 1000)),
  }
}
