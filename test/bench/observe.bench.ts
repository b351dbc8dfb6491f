import { defaultPack, vocabulary } from '../../cli/packs.ts'
import type { Activity, Verdict } from '../../engine/activity/index.ts'
import { callingCountry, createIdentity } from '../../engine/identity/index.ts'
import { createMetrics, engineCounters } from '../../engine/observe/index.ts'
import { createPartition } from '../../engine/partition/index.ts'
import { loadPacks } from '../../engine/rules/index.ts'
import { activityCodec } from '../../engine/runtime/index.ts'
import { activityAt, generator, partyName, zipf } from './busy-hour.ts'

const PARTIES = 100_000
const SLICE = 4_096
const SLICES = 60

/**
 * What metrics cost an engine that publishes every verdict: processor time of counting activities, verdicts (category,
 * symbols, route, country, score) and latency, against that of reading, judging and writing the same records. Budget 3 %.
 * And what a scrape costs.
 */
export async function observeBench(): Promise<Record<string, unknown>> {
  const partition = createPartition({
    pack: loadPacks([defaultPack], vocabulary),
    identity: createIdentity(),
    behaviour: { maxParties: PARTIES },
    verdicts: 'all',
  })
  const counters = engineCounters()
  const metrics = createMetrics(counters, 'bench', { countryOf: callingCountry })
  const random = generator(7)
  let sequence = 0
  let verdicts = 0
  const engineUs: number[] = []
  const metricsUs: number[] = []
  for (let i = 0; i < SLICES; i++) {
    const slice: Uint8Array[] = []
    while (slice.length < SLICE) {
      const from = partyName(zipf(random, PARTIES))
      const one = activityAt(sequence++, from, partyName(zipf(random, PARTIES)), random)
      slice.push(activityCodec.encode(one), activityCodec.encode({ ...one, role: 'target' }))
    }
    const seen: Activity[] = []
    const judged: { verdict: Verdict; activity: Activity }[] = []
    const engine = processorUs(() => {
      for (const bytes of slice) {
        const decoded = activityCodec.decode(bytes)
        if (!decoded.ok) throw new Error(decoded.reason)
        seen.push(decoded.value)
        const { verdict } = partition.apply(decoded.value)
        if (verdict === undefined) continue
        Buffer.from(JSON.stringify(verdict))
        judged.push({ verdict, activity: decoded.value })
      }
    })
    const counting = processorUs(() => {
      for (const { kind, role } of seen) counters.activities.add(kind, role)
      for (const { verdict, activity } of judged) {
        metrics.meter.verdict(verdict, activity)
        metrics.observeLatency(0.004)
      }
      metrics.observeStage('judge', 0.01)
      metrics.observeStage('publish', 0.002)
    })
    verdicts += judged.length
    // The first ones warm the compiler up.
    if (i < SLICES / 3) continue
    engineUs.push(engine)
    metricsUs.push(counting)
  }
  const scrapes: number[] = []
  let bytes = 0
  for (let i = 0; i < 20; i++) {
    const startedMs = performance.now()
    bytes = (await metrics.page(undefined)).text.length
    scrapes.push(performance.now() - startedMs)
  }
  const [engine, counting] = [sum(engineUs), sum(metricsUs)]
  const activities = engineUs.length * SLICE
  return {
    activities,
    'verdicts a hundred activities': Math.round((100 * verdicts) / (SLICES * SLICE)),
    'engine, µs an activity': round(engine / activities),
    'metrics, µs an activity': round(counting / activities),
    'metrics, share of the engine': `${round((100 * counting) / engine)} %`,
    'scrape, ms': round(scrapes.toSorted((a, b) => a - b)[10] ?? 0),
    'scrape, bytes': bytes,
  }
}

function processorUs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0)
const round = (value: number) => Math.round(value * 1000) / 1000
