import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { type EmbeddedLog, openEmbeddedLog } from '../../engine/log/index.ts'
import type { Partition } from '../../engine/partition/index.ts'
import { createSnapshotWriter, restoreSnapshot } from '../../engine/snapshot/index.ts'
import { pageEncoder } from '../../engine/snapshot/page-record.ts'
import { random } from '../support/activities.ts'
import { partitionOpener } from '../support/kafka-engine.ts'

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
  readonly parties: number
  readonly packing: Packing
}

async function save(log: EmbeddedLog): Promise<Saved> {
  const open = partitionOpener()
  let seconds = 0
  let pages = 0
  let bytes = 0
  let longestStallMs = 0
  let parties = 0
  let packing: Packing | undefined
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const state = filled(open, partition, PARTIES / PARTITIONS)
    parties += state.figures().parties
    packing ??= comparePacking(state)
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
    seconds += (performance.now() - started) / 1000
    pages += writer.written.pages
    bytes += writer.written.bytes
  }
  return { seconds, pages, bytes, longestStallMs, parties, packing: packing! }
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

/** Seconds from opening the log to a state that goes on, with 1 M parties; and what the snapshot before it cost. */
export async function recoveryBench(): Promise<Record<string, unknown>> {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-recovery-'))
  try {
    let log = await openEmbeddedLog({ directory, partitions: PARTITIONS })
    const saved = await save(log)
    await log.close()

    const open = partitionOpener()
    const started = performance.now()
    const cpu = process.cpuUsage()
    log = await openEmbeddedLog({ directory })
    let parties = 0
    let bytes = 0
    for (let partition = 0; partition < PARTITIONS; partition++) {
      let state = open()
      const restored = await restoreSnapshot(log, partition, () => {
        state = open()
        return state.states
      })
      if (restored.outcome !== 'restored') throw new Error(`partition ${partition} was not restored`)
      bytes += restored.bytes
      parties += state.figures().parties
    }
    const seconds = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(cpu)
    await log.close()
    if (parties !== saved.parties) throw new Error(`${parties} parties came back of ${saved.parties}`)
    return {
      parties,
      secondsToReady: round(seconds),
      // The same on a machine that does nothing else.
      cpuSeconds: round((user + system) / 1e6),
      budgetSeconds: 5,
      megabytesRead: round(bytes / 1e6),
      snapshot: {
        seconds: round(saved.seconds),
        pages: saved.pages,
        megabytes: round(saved.bytes / 1e6),
        longestStallMs: round(saved.longestStallMs),
      },
      packing: saved.packing,
      fileMegabytes: round(statSync(join(directory, 'data.mdb')).size / 1e6),
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const round = (value: number) => Math.round(value * 100) / 100
