import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AppendRecord, type EmbeddedLog, openEmbeddedLog } from '../../engine/log/index.ts'

const RECORDS = 300_000
const BATCH = 500
/** A call attempt in JSON. */
const VALUE_BYTES = 420

function recordsOf(topic: AppendRecord['topic'], from: number, count: number, keys: number): AppendRecord[] {
  const value = Buffer.alloc(VALUE_BYTES, 'x')
  return Array.from({ length: count }, (_, i) => ({
    topic,
    key: `+33${600_000_000 + ((from + i) % keys)}`,
    value,
    timeMs: from + i,
  }))
}

/** Appends with a few calls in flight, as taps do, each durable. */
async function append(log: EmbeddedLog, topic: AppendRecord['topic'], records: number, keys: number): Promise<number> {
  const batches = Array.from({ length: records / BATCH }, (_, i) => recordsOf(topic, i * BATCH, BATCH, keys))
  const started = performance.now()
  let next = 0
  const worker = async () => {
    while (next < batches.length) await log.append(batches[next++]!)
  }
  await Promise.all([worker(), worker(), worker(), worker()])
  return (records / (performance.now() - started)) * 1000
}

async function readAll(log: EmbeddedLog): Promise<number> {
  const started = performance.now()
  let records = 0
  for (let partition = 0; partition < log.partitions; partition++) {
    for await (const batch of log.read({ topic: 'ringfence.activity', partition })) records += batch.records.length
  }
  if (records !== RECORDS) throw new Error(`${records} of ${RECORDS} records were read`)
  return (records / (performance.now() - started)) * 1000
}

/** One record at a time, each waited for: what a transaction and a flush cost. */
async function singleAppends(log: EmbeddedLog): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < 500; i++) {
    const started = performance.now()
    await log.append(recordsOf('ringfence.verdicts', i, 1, 1))
    times.push(performance.now() - started)
  }
  return times.sort((a, b) => a - b)
}

/** The embedded log: durable appends and reads a second. */
export async function logBench(): Promise<Record<string, unknown>> {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-log-bench-'))
  const log = await openEmbeddedLog({ directory, partitions: 8 })
  try {
    const appendsPerSecond = await append(log, 'ringfence.activity', RECORDS, 100_000)
    const compactedPerSecond = await append(log, 'ringfence.reputation', 50_000, 20_000)
    const readsPerSecond = await readAll(log)
    const single = await singleAppends(log)
    const round = Math.round
    return {
      valueBytes: VALUE_BYTES,
      appendsPerSecond: round(appendsPerSecond),
      compactedAppendsPerSecond: round(compactedPerSecond),
      readsPerSecond: round(readsPerSecond),
      singleAppendMs: { p50: round(single[250]! * 100) / 100, p99: round(single[494]! * 100) / 100 },
    }
  } finally {
    await log.close()
    rmSync(directory, { recursive: true, force: true })
  }
}
