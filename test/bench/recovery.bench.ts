import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { type EventLog, openEmbeddedLog, openKafkaLog } from '../../engine/log/index.ts'
import type { Partition } from '../../engine/partition/index.ts'
import { createSnapshotWriter, restoreSnapshot } from '../../engine/snapshot/index.ts'
import { pageEncoder } from '../../engine/snapshot/page-record.ts'
import { random } from '../support/activities.ts'
import { startKafka } from '../support/kafka-broker.ts'
import { partitionOpener } from '../support/kafka-engine.ts'
import { kafkaJars } from '../support/kafka-jars.ts'

const PARTIES = 1_000_000
const PARTITIONS = 8
const START_MS = 1_764_000_000_000

/** A partition in which `parties` have each made or got a call, with the state that the default pack needs. */
function filled(open: () => Partition, partition: number, parties: number): Partition {
  const state = open()
  const next = random(partition)
  for (let i = 0; i < parties; i++) {
    const party = `+33${600_000_000 + partition * parties + i}`
    const origin = next() < 0.5
    const peer = `+33${700_000_000 + Math.floor(next() * 1e8)}`
    state.apply({
      id: `bench-${partition}-${i}`,
      role: origin ? 'origin' : 'target',
      kind: 'call.attempt',
      time: START_MS + i,
      from: { party: origin ? party : peer },
      to: { party: origin ? peer : party },
      route: { tap: 'bench' },
      media: ['audio'],
    })
  }
  return state
}

interface Saved {
  readonly seconds: number
  readonly pages: number
  readonly bytes: number
  /** Longest that the partition's thread was held between two turns of the event loop, in milliseconds. */
  readonly longestStallMs: number
}

const nothing: Saved = { seconds: 0, pages: 0, bytes: 0, longestStallMs: 0 }

/** Writes a snapshot of a partition; gives the sums with what was written before. */
async function save(log: Pick<EventLog, 'append'>, partition: number, state: Partition, before: Saved): Promise<Saved> {
  let { longestStallMs } = before
  const writer = createSnapshotWriter({ log, partition, sections: state.states, base: { generation: 0 } })
  const started = performance.now()
  writer.begin({ offsets: { 'ringfence.activity': 0 }, versions: {} })
  longestStallMs = Math.max(longestStallMs, performance.now() - started)
  for (let done = false; !done; ) {
    const from = performance.now()
    const step = writer.step()
    longestStallMs = Math.max(longestStallMs, performance.now() - from)
    done = await step
  }
  return {
    seconds: before.seconds + (performance.now() - started) / 1000,
    pages: before.pages + writer.written.pages,
    bytes: before.bytes + writer.written.bytes,
    longestStallMs,
  }
}

interface Packing {
  readonly packedRatio: number
  readonly packedMicrosecondsPerPage: number
  readonly deflatedRatio: number
  readonly deflatedMicrosecondsPerPage: number
}

/** Our packing of pages beside deflate level 1: what each leaves, and what it costs. */
function comparePacking(state: Partition): Packing {
  const pages: Uint8Array[] = []
  for (const section of state.states) {
    const frozen = section.freeze(true)
    for (let page = frozen.next(); page !== undefined && pages.length < 400; page = frozen.next()) {
      pages.push(new Uint8Array(page.bytes))
    }
    frozen.release()
  }
  const encode = pageEncoder()
  const [packed, packedUs] = measured(pages, page => encode(page, 1).bytes.length)
  const [deflated, deflatedUs] = measured(pages, page => deflateRawSync(page, { level: 1 }).length)
  return {
    packedRatio: round(packed),
    packedMicrosecondsPerPage: round(packedUs),
    deflatedRatio: round(deflated),
    deflatedMicrosecondsPerPage: round(deflatedUs),
  }
}

function measured(pages: readonly Uint8Array[], size: (page: Uint8Array) => number): readonly [number, number] {
  const cpu = process.cpuUsage()
  let raw = 0
  let left = 0
  for (const page of pages) {
    raw += page.length
    left += size(page)
  }
  const { user, system } = process.cpuUsage(cpu)
  return [left / raw, (user + system) / pages.length]
}

interface Recovered {
  readonly parties: number
  readonly bytes: number
  readonly seconds: number
  readonly cpuSeconds: number
}

/** Opens the log and restores every partition, all at once as an engine does that is given them all. */
async function recover(openLog: () => Promise<EventLog>): Promise<Recovered> {
  const open = partitionOpener()
  const started = performance.now()
  const cpu = process.cpuUsage()
  const log = await openLog()
  const restored = await Promise.all(
    Array.from({ length: PARTITIONS }, async (_, partition) => {
      let state = open()
      const result = await restoreSnapshot(log, partition, () => {
        state = open()
        return state.states
      })
      if (result.outcome !== 'restored') throw new Error(`partition ${partition} was not restored`)
      return { parties: state.figures().parties, bytes: result.bytes }
    }),
  )
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  await log.close()
  return {
    parties: restored.reduce((sum, each) => sum + each.parties, 0),
    bytes: restored.reduce((sum, each) => sum + each.bytes, 0),
    seconds,
    cpuSeconds: (user + system) / 1e6,
  }
}

/** A log to save to and to restore from. */
interface Place {
  readonly name: string
  open(): Promise<EventLog>
}

/** A million parties saved to each place, and restored from it through another opening of the log. */
async function measure(places: readonly Place[]): Promise<Record<string, unknown>> {
  const open = partitionOpener()
  const logs = await Promise.all(places.map(place => place.open()))
  const saved = places.map(() => nothing)
  let parties = 0
  let packing: Packing | undefined
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const state = filled(open, partition, PARTIES / PARTITIONS)
    parties += state.figures().parties
    packing ??= comparePacking(state)
    for (const [i, log] of logs.entries()) saved[i] = await save(log, partition, state, saved[i]!)
  }
  for (const log of logs) await log.close()
  const result: Record<string, unknown> = { parties, budgetSeconds: 5, packing }
  for (const [i, place] of places.entries()) {
    const recovered = await recover(place.open)
    if (recovered.parties !== parties) throw new Error(`${recovered.parties} parties of ${parties} came back`)
    const { seconds, pages, bytes, longestStallMs } = saved[i]!
    result[place.name] = {
      secondsToReady: round(recovered.seconds),
      // The same on a machine that does nothing else.
      cpuSeconds: round(recovered.cpuSeconds),
      megabytesRead: round(recovered.bytes / 1e6),
      snapshot: {
        seconds: round(seconds),
        pages,
        megabytes: round(bytes / 1e6),
        longestStallMs: round(longestStallMs),
      },
    }
  }
  return result
}

/** Seconds from opening the log to a state that goes on, with 1 M parties; and what the snapshot before it cost. */
export async function recoveryBench(): Promise<Record<string, unknown>> {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-recovery-'))
  const jars = await kafkaJars()
  const broker = 'missing' in jars ? undefined : await startKafka({ java: ['-Xmx1g'] })
  try {
    const places: Place[] = [{ name: 'embedded', open: () => openEmbeddedLog({ directory, partitions: PARTITIONS }) }]
    if (broker !== undefined) {
      const options = { brokers: broker.brokers, partitions: PARTITIONS }
      places.push({ name: 'kafka', open: () => openKafkaLog(options) })
    }
    const result = await measure(places)
    const fileMegabytes = round(statSync(join(directory, 'data.mdb')).size / 1e6)
    return { ...result, fileMegabytes, ...('missing' in jars ? { kafka: { skipped: jars.missing } } : {}) }
  } finally {
    await broker?.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

const round = (value: number) => Math.round(value * 100) / 100
