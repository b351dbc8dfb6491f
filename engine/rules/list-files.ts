import { readFileSync, statSync } from 'node:fs'
import { type Hash128, hashBytes } from '../hash/index.ts'
import { type ListKind, type ListProblem, type MemberSet, readList } from '../lists/index.ts'

/** A list file as read: what it holds, what is wrong with it, and a digest of its bytes. */
export interface ListFile {
  readonly set: MemberSet
  readonly problems: readonly ListProblem[]
  readonly digest: string
}

/** Reads list files, again only when they have changed: a reload for one rule must not sort five million numbers anew. */
export interface ListFiles {
  /** @throws Error when the file cannot be read */
  read(path: string, kind: ListKind): ListFile
}

const hash: Hash128 = new Uint32Array(4)

/** Remembers what it read, by path: one for the life of the process. */
export function createListFiles(): ListFiles {
  const known = new Map<string, { readonly stamp: string; readonly file: ListFile }>()
  return {
    read(path, kind) {
      const { ino, size, mtimeMs } = statSync(path)
      const stamp = `${kind} ${ino} ${size} ${mtimeMs}`
      const before = known.get(path)
      if (before?.stamp === stamp) return before.file
      const bytes = readFileSync(path)
      hashBytes(bytes, 0, bytes.length, 0, hash)
      const file = { ...readList({ kind, bytes }), digest: hash.join('.') }
      known.set(path, { stamp, file })
      return file
    },
  }
}
