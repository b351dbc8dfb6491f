import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type WrittenFile, writeDays } from './chunk.ts'
import type { Duck } from './duck.ts'
import type { ArchiveStore } from './store.ts'

const HOUR_MS = 3_600_000

/** What a process has used since it started. */
export interface Usage {
  readonly cpuSeconds: number
  readonly rssBytes: number
}

export interface CostMeter {
  /** Verdicts archived since the last call. */
  count(events: number): void
  /** Writes the row of the running hour, and closes it once the hour is over. */
  write(): Promise<readonly WrittenFile[]>
}

export interface CostOptions {
  readonly duck: Duck
  readonly store: ArchiveStore
  readonly spool: string
  readonly instance: string
  readonly roles: readonly string[]
  readonly now: () => number
  readonly usage: () => Usage
}

/** Usage of this process, as the kernel counts it. */
export function processUsage(): Usage {
  const { user, system } = process.cpuUsage()
  return { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() }
}

/**
 * Measures what the product itself costs to run: CPU time and memory of its process beside the events it archived, a row
 * an hour. The row of an hour is written again until the hour is over.
 */
export function createCostMeter(options: CostOptions): CostMeter {
  const { now, usage, instance } = options
  const startMs = now()
  let row = open()
  function open() {
    const nowMs = now()
    const { cpuSeconds, rssBytes } = usage()
    return { hourMs: nowMs - (nowMs % HOUR_MS), fromMs: nowMs, cpuSeconds, rssBytes, events: 0 }
  }
  return {
    count(events) {
      row.events += events
    },
    async write() {
      const nowMs = now()
      const { cpuSeconds, rssBytes } = usage()
      row.rssBytes = Math.max(row.rssBytes, rssBytes)
      const path = join(options.spool, 'cost.jsonl')
      const line = {
        time: row.hourMs,
        instance,
        roles: options.roles.join(','),
        seconds: (nowMs - row.fromMs) / 1000,
        cpu_seconds: cpuSeconds - row.cpuSeconds,
        rss_bytes: row.rssBytes,
        events: row.events,
      }
      await writeFile(path, `${JSON.stringify(line)}\n`)
      const name = `${instance.replace(/[^A-Za-z0-9.-]/g, '_')}-${startMs}-${row.fromMs}`
      const files = await writeDays(options, 'cost', path, name)
      if (nowMs - row.hourMs >= HOUR_MS) row = open()
      return files
    },
  }
}
