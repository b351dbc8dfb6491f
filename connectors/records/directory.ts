import { readdir, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** Files remembered as read when they are left where they are. */
const REMEMBERED = 100_000

/** Endings of files that have been read. */
const SET_ASIDE = ['.done', '.rejected']

export interface DirectoryOptions {
  readonly path: string
  readonly suffixes: readonly string[]
  readonly settleMs: number
  readonly done: 'rename' | 'delete' | 'keep'
}

export interface Directory {
  /** Files that are there to be read, oldest first: settled, with a known suffix, not read yet. */
  ready(nowMs: number): Promise<string[]>
  /** The event log has all of it, or its header could not be read: then it is set aside as NAME.rejected. */
  finish(file: string, readable: boolean): Promise<void>
}

/**
 * The new files of a directory. Polled rather than watched: change notices do not cross NFS, and a file is ready only after
 * a while of silence anyway.
 */
export function watchDirectory(options: DirectoryOptions): Directory {
  // What was read is told by name, size and time: a file written anew under an old name is another one.
  const read = new Set<string>()
  const marks = new Map<string, string>()

  return {
    async ready(nowMs) {
      const found: { file: string; modifiedMs: number }[] = []
      marks.clear()
      for (const name of await readdir(options.path)) {
        if (SET_ASIDE.some(suffix => name.endsWith(suffix))) continue
        if (!options.suffixes.some(suffix => name.endsWith(suffix))) continue
        const file = join(options.path, name)
        const facts = await stat(file).catch(() => undefined)
        if (facts === undefined || !facts.isFile() || nowMs - facts.mtimeMs < options.settleMs) continue
        const mark = `${name} ${facts.size} ${facts.mtimeMs}`
        if (read.has(mark)) continue
        marks.set(file, mark)
        found.push({ file, modifiedMs: facts.mtimeMs })
      }
      return found.sort((a, b) => a.modifiedMs - b.modifiedMs || (a.file < b.file ? -1 : 1)).map(({ file }) => file)
    },
    async finish(file, readable) {
      const mark = marks.get(file)
      if (mark !== undefined) {
        if (read.size >= REMEMBERED) read.clear()
        read.add(mark)
      }
      if (options.done === 'keep') return
      if (!readable) await rename(file, `${file}.rejected`)
      else if (options.done === 'rename') await rename(file, `${file}.done`)
      else await unlink(file)
    },
  }
}
