import { performance } from 'node:perf_hooks'
import { defaultPack, vocabulary } from '../../cli/packs.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { createPartition } from '../../engine/partition/index.ts'
import { loadPacks } from '../../engine/rules/index.ts'
import { oneShot } from '../support/one-shot.ts'
import { collect } from './garbage.ts'

const PARTIES = Number(process.env.PARTIES ?? 10_000_000)
const BOUND = Number(process.env.BOUND ?? 1_000_000)

/**
 * Memory under a flood of parties that are seen once and never again, each with a text or a rare event, an agent, a route
 * and a range of its own: what a partition bounded at a million parties holds when the bound is reached first, and when ten
 * times as many have passed. PARTIES and BOUND change the numbers.
 */
export async function boundedBench(): Promise<Record<string, unknown>> {
  const partition = createPartition({
    pack: loadPacks([defaultPack], vocabulary),
    identity: createIdentity(),
    behaviour: { maxParties: BOUND },
  })
  collect()
  const started = process.cpuUsage()
  const startedMs = performance.now()
  const snapshot = () => {
    collect()
    const { heapUsed, rss } = process.memoryUsage()
    const figures = partition.figures()
    const { user, system } = process.cpuUsage(started)
    return {
      parties: figures.parties,
      evicted: figures.evicted,
      'state, MB': megabytes(figures.stateBytes),
      'heap, MB': megabytes(heapUsed),
      'resident, MB': megabytes(rss),
      'processor time, s': Math.round((user + system) / 1e6),
    }
  }
  const marks: Record<string, unknown> = { 'at the start': snapshot() }
  for (let n = 0; n < PARTIES; n++) {
    partition.apply(oneShot(n))
    // Twice the bound first: what warms up with use (tables of texts, ids, reporters) has done so by then.
    if (n + 1 === 2 * BOUND) marks[`after ${n + 1} parties`] = snapshot()
    // The event loop has its turn, as between the batches of a service.
    if (n % 4_096 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  marks[`after ${PARTIES} parties`] = snapshot()
  return { bound: BOUND, ...marks, seconds: Math.round((performance.now() - startedMs) / 1000) }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10
}
