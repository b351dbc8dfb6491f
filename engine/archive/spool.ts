import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Lines that wait on local disk until they become a Parquet file. */
export interface Spool {
  readonly path: string
  readonly lines: number
  add(line: string): void
  /** Resolves once what was added is in the file. Await it between batches: that bounds the memory. */
  settle(): Promise<void>
  /** Closes and removes it. */
  discard(): Promise<void>
}

/** An empty spool; a file of that name is replaced. */
export function createSpool(path: string): Spool {
  let handle: FileHandle | undefined
  let waiting: string[] = []
  let lines = 0
  return {
    path,
    get lines() {
      return lines
    },
    add(line) {
      waiting.push(line)
      lines++
    },
    async settle() {
      if (waiting.length === 0) return
      const text = `${waiting.join('\n')}\n`
      waiting = []
      if (handle === undefined) {
        await mkdir(dirname(path), { recursive: true })
        handle = await open(path, 'w')
      }
      await handle.write(text)
    },
    async discard() {
      waiting = []
      await handle?.close()
      handle = undefined
      await rm(path, { force: true })
    },
  }
}
