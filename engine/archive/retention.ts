import { datasetNames } from './datasets.ts'
import type { ArchiveStore } from './store.ts'

const DAY_MS = 86_400_000

/** UTC day of an object of the archive, undefined for what has none. */
export function dayOfFile(name: string): string | undefined {
  return /\/day=(\d{4}-\d{2}-\d{2})\//.exec(name)?.[1]
}

/** Removes the days that ended more than `days` days before `nowMs`. @returns files removed */
export async function removeExpired(store: ArchiveStore, days: number, nowMs: number): Promise<number> {
  const oldest = new Date(nowMs - days * DAY_MS).toISOString().slice(0, 10)
  let removed = 0
  for (const dataset of datasetNames) {
    for (const name of await store.list(`${dataset}/`)) {
      const day = dayOfFile(name)
      if (day === undefined || day >= oldest) continue
      await store.remove(name)
      removed++
    }
  }
  return removed
}
