import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { schemaHash } from '../../engine/features/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import { type ActivityFeed, type BehaviourRow, createCollector } from './collect.ts'

/**
 * The looks of a training, kept beside its model until that is written: reading a month of records takes most of a
 * training's time, and a run that was stopped after it goes on from here.
 */
const FILE = 'looks.bin'

/**
 * Looks at all labelled parties, with their messages and without. `kept` names the folder that keeps them and the records that
 * the activities come from: those already there, of the same records, labels and features, are not made again.
 */
export async function looksOf(
  activities: ActivityFeed,
  labels: ReadonlyMap<string, 0 | 1>,
  kept?: { readonly folder: string; readonly source: string },
): Promise<readonly BehaviourRow[]> {
  const key = kept === undefined ? '' : looksKey(kept.source, labels)
  const held = kept === undefined ? undefined : loadLooks(kept.folder, key)
  if (held !== undefined) return held
  const all = createCollector(labels, false)
  const calls = createCollector(labels, true)
  await activities(activity => {
    all.observe(activity)
    calls.observe(activity)
  })
  const rows = [...all.finish(), ...calls.finish()]
  if (kept !== undefined) saveLooks(kept.folder, key, rows)
  return rows
}

/** Names what the looks come from: the records, the labels and the meaning of the features. */
function looksKey(records: string, labels: ReadonlyMap<string, 0 | 1>): string {
  return idOf('looks', schemaHash, records, ...[...labels].map(([party, label]) => `${party},${label}`))
}

function saveLooks(folder: string, key: string, rows: readonly BehaviourRow[]): void {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, FILE)
  writeFileSync(`${path}.part`, serialize({ key, rows }))
  renameSync(`${path}.part`, path)
}

/** The looks of that key; undefined where there are none, or others, or torn ones. */
function loadLooks(folder: string, key: string): BehaviourRow[] | undefined {
  try {
    const held = deserialize(readFileSync(join(folder, FILE))) as { key: string; rows: BehaviourRow[] }
    return held.key === key ? held.rows : undefined
  } catch {
    return undefined
  }
}

/** The training is finished. */
export function dropLooks(folder: string): void {
  rmSync(join(folder, FILE), { force: true })
}
