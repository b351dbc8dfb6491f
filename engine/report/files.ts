import { type ArchiveStore, type DatasetName, dayOfFile, rangeOfFile, sqlText } from '../archive/index.ts'

/** Files of the archive by dataset and UTC day. */
export interface ArchiveFiles {
  of(dataset: DatasetName, days: readonly string[]): readonly string[]
  /** Days that hold anything of a dataset. */
  days(dataset: DatasetName): ReadonlySet<string>
}

/** Lists the archive. Of files whose offsets overlap (two writers for a moment), the ones that cover most stay. */
export async function listArchive(store: ArchiveStore, datasets: readonly DatasetName[]): Promise<ArchiveFiles> {
  const byDay = new Map<string, string[]>()
  const daysOf = new Map<DatasetName, Set<string>>()
  for (const dataset of datasets) {
    const days = new Set<string>()
    daysOf.set(dataset, days)
    for (const name of withoutOverlaps(await store.list(`${dataset}/`))) {
      const day = dayOfFile(name)
      if (day === undefined || !name.endsWith('.parquet')) continue
      days.add(day)
      const key = `${dataset} ${day}`
      byDay.set(key, [...(byDay.get(key) ?? []), name])
    }
  }
  return {
    of: (dataset, days) => days.flatMap(day => byDay.get(`${dataset} ${day}`) ?? []),
    days: dataset => daysOf.get(dataset) ?? new Set(),
  }
}

/** Names without those whose run of offsets lies in part in another's of the same partition and day. */
export function withoutOverlaps(names: readonly string[]): readonly string[] {
  const lanes = new Map<string, { name: string; first: number; next: number }[]>()
  const kept: string[] = []
  for (const name of names) {
    const range = rangeOfFile(name)
    if (range === undefined) {
      kept.push(name)
      continue
    }
    const lane = `${name.slice(0, name.lastIndexOf('/'))} ${range.place} ${range.generation}`
    lanes.set(lane, [...(lanes.get(lane) ?? []), { name, first: range.first, next: range.next }])
  }
  for (const runs of lanes.values()) {
    runs.sort((a, b) => a.first - b.first || b.next - a.next)
    let end = Number.NEGATIVE_INFINITY
    for (const { name, first, next } of runs) {
      if (first < end) continue
      kept.push(name)
      end = next
    }
  }
  return kept.sort()
}

/** `read_parquet` over files; a column list that fits no file where there is none. */
export function parquetSql(files: readonly string[]): string {
  return `read_parquet([${files.map(sqlText).join(', ')}], union_by_name = true, hive_partitioning = false)`
}
