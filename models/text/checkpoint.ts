import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { Fitted } from './fit.ts'

const FILE = 'checkpoint.bin'

/** Keeps where a training has come to, under a key that says of which data, seed and options. */
export function writeCheckpoint(folder: string, key: string, fitted: Fitted): void {
  const path = join(folder, FILE)
  writeFileSync(`${path}.part`, serialize({ key, fitted }))
  renameSync(`${path}.part`, path)
}

/** The checkpoint of an interrupted training with this key; undefined when there is none, or it is another's or torn. */
export function readCheckpoint(folder: string, key: string): Fitted | undefined {
  try {
    const held = deserialize(readFileSync(join(folder, FILE))) as { key: string; fitted: Fitted }
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
  rmSync(join(folder, FILE), { force: true })
}
