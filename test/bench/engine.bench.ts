import { PerformanceObserver, performance } from 'node:perf_hooks'
import { defaultPack, vocabulary } from '../../cli/packs.ts'
import type { Activity } from '../../engine/activity/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { createPartition, type Partition, WARM } from '../../engine/partition/index.ts'
import { loadPacks } from '../../engine/rules/index.ts'
import { activityCodec } from '../../engine/runtime/index.ts'
import { activityAt, generator, partyName, zipf } from './busy-hour.ts'

const ACTIVITIES = 600_000
const SLICE = 50_000

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
  const partition = createPartition({
    pack,
    identity: createIdentity(),
    behaviour: { maxParties: parties },
    verdicts: 'found',
  })
  const random = generator(7)
  let sequence = 0
  for (let n = 0; n < parties; n++)
    partition.apply(activityAt(sequence++, partyName(n), partyName((n * 7919) % parties), random))
  const slices: Activity[][] = []
  for (let done = 0; done < ACTIVITIES; done += SLICE) {
    const slice: Activity[] = []
    while (slice.length < SLICE) {
      const one = activityAt(sequence++, partyName(zipf(random, parties)), partyName(zipf(random, parties)), random)
      slice.push(one, { ...one, role: 'target' })
    }
    slices.push(slice)
  }
  const half = slices.length / 2
  const pauses: number[] = []
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) pauses.push(entry.duration)
  })
  observer.observe({ entryTypes: ['gc'] })
  const inMemory = await applyAll(partition, slices.slice(0, half))
  const encoded = slices.slice(half).map(slice => slice.map(activityCodec.encode))
  const fromLog = await applyEncoded(partition, encoded)
  observer.disconnect()
  const figures = partition.figures()
  return {
    rules: pack.rules.length,
    parties: figures.parties,
    'activities/s of processor time': inMemory.perCpuSecond,
    'activities/s by the clock': inMemory.perSecond,
    'from the log, activities/s of processor time': fromLog.perCpuSecond,
    verdicts: inMemory.verdicts + fromLog.verdicts,
    'state bytes/party': Math.round(figures.stateBytes / figures.parties),
    'longest GC pause, ms': Math.round(Math.max(0, ...pauses) * 10) / 10,
  }
}

function applyAll(partition: Partition, slices: readonly (readonly Activity[])[]) {
  return timed(slices, activities => judge(partition, activities))
}

function applyEncoded(partition: Partition, slices: readonly (readonly Uint8Array[])[]) {
  return timed(slices, encoded => judge(partition, encoded.map(decode)))
}

/** As the service does: warm a few, then judge them. */
function judge(partition: Partition, activities: readonly Activity[]): number {
  let verdicts = 0
  partition.warm(activities)
  for (const activity of activities) if (partition.apply(activity).verdict !== undefined) verdicts++
  return verdicts
}

function decode(bytes: Uint8Array): Activity {
  const decoded = activityCodec.decode(bytes)
  if (!decoded.ok) throw new Error(decoded.reason)
  return decoded.value
}

async function timed<T>(slices: readonly (readonly T[])[], work: (items: readonly T[]) => number) {
  let verdicts = 0
  let count = 0
  let spentMs = 0
  let cpuMs = 0
  for (const slice of slices) {
    const before = performance.now()
    const cpu = process.cpuUsage()
    for (let from = 0; from < slice.length; from += WARM) verdicts += work(slice.slice(from, from + WARM))
    const { user, system } = process.cpuUsage(cpu)
    spentMs += performance.now() - before
    cpuMs += (user + system) / 1000
    count += slice.length
    await new Promise(resolve => setImmediate(resolve))
  }
  return {
    verdicts,
    perSecond: Math.round(count / (spentMs / 1000)),
    // On a machine that others use, the processor time says more than the clock.
    perCpuSecond: Math.round(count / (cpuMs / 1000)),
  }
}
