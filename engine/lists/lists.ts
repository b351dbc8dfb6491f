import type { ListKind, MemberSet } from './kinds.ts'
import { type ListProblem, readList } from './read.ts'

/** Named lists, as rules see them. A name may join several sets (layers of packs, entries added at run time). */
export interface Lists {
  readonly names: readonly string[]
  has(name: string, value: string): boolean
  /** The sets of a list, empty for an unknown one. */
  sets(name: string): readonly MemberSet[]
  kind(name: string): ListKind | undefined
}

export const noLists: Lists = { names: [], has: () => false, sets: () => [], kind: () => undefined }

/** Lists out of their sets. */
export function createLists(
  sets: ReadonlyMap<string, readonly MemberSet[]>,
  kinds: ReadonlyMap<string, ListKind>,
): Lists {
  // Most lists of the default pack wait for an operator's entries: of an empty one nothing is asked.
  const filled = new Map([...sets].map(([name, members]) => [name, members.filter(({ size }) => size > 0)]))
  return {
    names: [...sets.keys()],
    has(name, value) {
      const members = filled.get(name)
      if (members === undefined || value === '') return false
      for (let i = 0; i < members.length; i++) if (members[i]!.has(value)) return true
      return false
    },
    sets: name => sets.get(name) ?? [],
    kind: name => kinds.get(name),
  }
}

/** The lists with entries added to one that exists; its sets are shared, not copied. */
export function extendList(
  lists: Lists,
  name: string,
  entries: readonly string[],
): { lists: Lists; problems: readonly ListProblem[] } {
  const kind = lists.kind(name) ?? 'numbers'
  const { set, problems } = readList({ kind, bytes: Buffer.from(entries.join('\n')) })
  const sets = new Map(lists.names.map(other => [other, lists.sets(other)]))
  sets.set(name, [...lists.sets(name), set])
  const kinds = new Map(lists.names.map(other => [other, lists.kind(other) ?? kind]))
  return { lists: createLists(sets, kinds), problems }
}
