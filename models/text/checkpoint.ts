import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { Fitted } from './fit.ts'

/** Where a training goes on from, and what it would publish if it ended there. */
export type Checkpoint = 'last' | 'best'

const FILES: Readonly<Record<Checkpoint, string>> = { last: 'checkpoint.bin', best: 'checkpoint-best.bin' }

/** Keeps where a training has come to, under a key that says of which data, seed and options. */
export function writeCheckpoint(folder: string, which: Checkpoint, key: string, fitted: Fitted): void {
  const path = join(folder, FILES[which])
  writeFileSync(`${path}.part`, serialize({ key, fitted }))
  renameSync(`${path}.part`, path)
}

/** The checkpoint of an interrupted training with this key; undefined when there is none, or it is another's or torn. */
export function readCheckpoint(folder: string, which: Checkpoint, key: string): Fitted | undefined {
  try {
    const held = deserialize(readFileSync(join(folder, FILES[which]))) as { key: string; fitted: Fitted }
    if (held.key !== key) return undefined
    const { table, vocabulary } = held.fitted
    // The arrays come back over one shared buffer; fresh ones are faster to write to and let the file's bytes go.
    return {
      ...held.fitted,
      vocabulary: Uint8Array.from(vocabulary),
      table: { values: Float32Array.from(table.values), seen: Float32Array.from(table.seen) },
    }
  } catch {
    return undefined
  }
}

/** The training is finished. */
export function clearCheckpoint(folder: string): void {
  for (const file of Object.values(FILES)) rmSync(join(folder, file), { force: true })
}
