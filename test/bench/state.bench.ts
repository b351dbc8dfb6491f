import { performance } from 'node:perf_hooks'
import type { Activity } from '../../engine/activity/index.ts'
import { type Behaviour, catalogue, createBehaviour } from '../../engine/features/index.ts'
import { activityAt, generator, partyName, zipf } from './busy-hour.ts'
import { collect, watchPauses } from './garbage.ts'

/**
 * Observations a second with many live parties, bytes a party (records, extensions, texts, index), longest pause of the
 * garbage collector. Parties are drawn by Zipf's law (exponent 0.5) after each has been seen once; the mix is that of a
 * busy hour: 57 % calls (attempt, answered or failed, ended), 43 % messages, each under origin and target.
 */
export async function stateBench(): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {}
  for (const parties of [1_000_000, 5_000_000]) results[`${parties / 1e6}M parties`] = await measure(parties, 1_000_000)
  results['peer: a Map of objects, 1M parties'] = measureMap(1_000_000)
  return results
}

/** What the same parties cost as JavaScript objects with a dozen counters each: memory, and the pause of a full collection. */
function measureMap(parties: number): Record<string, unknown> {
  collect()
  const before = process.memoryUsage().heapUsed
  const map = new Map<string, Record<string, number>>()
  for (let n = 0; n < parties; n++) {
    const counters = { calls10s: n, calls1m: n, calls10m: n, calls1h: n, calls24h: n, answered: n, failed: n }
    map.set(`+3361${String(n).padStart(8, '0')}`, {
      ...counters,
      targets: 1.5,
      last: n + 0.5,
      talk: 0.5,
      first: n,
      in: n,
    })
  }
  const pause = collect()
  return {
    'bytes/party': Math.round((process.memoryUsage().heapUsed - before) / map.size),
    'full GC, ms': pause,
  }
}

/** Activities made at a time. */
const SLICE = 4_000
export async function measure(parties: number, count: number): Promise<Record<string, unknown>> {
  const pauses = watchPauses()
  const behaviour = createBehaviour({ maxParties: parties, idleMs: 40 * 86_400_000 })
  const random = generator(7)
  let sequence = 0
  const began = performance.now()
  for (let n = 0; n < parties; n++)
    behaviour.observe(activityAt(sequence++, partyName(n), partyName((n * 7919) % parties), random))
  const filled = performance.now()
  // The stream is made first, in slices, so that making it is not timed; small ones, so that the garbage is not the bench's.
  let spent = 0
  let spentCpu = 0
  let slowest = 0
  for (let done = 0; done < count; ) {
    const slice: Activity[] = []
    while (slice.length < SLICE) {
      const from = partyName(zipf(random, parties))
      const to = partyName(zipf(random, parties))
      const one = activityAt(sequence++, from, to, random)
      slice.push(one, { ...one, role: 'target' })
    }
    const before = performance.now()
    const cpu = process.cpuUsage()
    for (const activity of slice) behaviour.observe(activity)
    const took = performance.now() - before
    const { user, system } = process.cpuUsage(cpu)
    spent += took
    spentCpu += (user + system) / 1000
    slowest = Math.max(slowest, took)
    done += slice.length
    await new Promise(resolve => setImmediate(resolve))
  }
  const counts = behaviour.counts()
  const reads = readCost(behaviour)
  return {
    parties: counts.parties,
    'first sight, parties/s': Math.round(parties / ((filled - began) / 1000)),
    'observes/s': Math.round(count / (spent / 1000)),
    // On a machine that others use, the processor time says more than the clock.
    'observes/s of processor time': Math.round(count / (spentCpu / 1000)),
    [`slowest ${SLICE}, ms`]: Math.round(slowest * 10) / 10,
    'bytes/party': Math.round((counts.partyBytes / counts.parties) * 10) / 10,
    'bytes/party, whole state': Math.round((counts.bytes / counts.parties) * 10) / 10,
    extensions: counts.extensions,
    texts: counts.texts,
    'full GC, ms': collect(),
    'longest GC pause, ms': pauses.longestMs(),
    'all features of a party, µs': reads,
  }
}

function readCost(behaviour: Behaviour): number {
  const rounds = 20_000
  const before = performance.now()
  let sum = 0
  for (let n = 0; n < rounds; n++) for (let i = 0; i < catalogue.length; i++) sum += behaviour.read(i)
  if (Number.isNaN(sum)) throw new Error('a feature is not a number')
  return Math.round(((performance.now() - before) / rounds) * 1e5) / 100
}
