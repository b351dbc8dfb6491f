import type { MemberSet } from './kinds.ts'

/** Named lists, as rules see them. A name may join several sets (layers of packs, entries added at run time). */
export interface Lists {
  readonly names: readonly string[]
  has(name: string, value: string): boolean
  /** Entries of a list, 0 for an unknown one. */
  size(name: string): number
}

export const noLists: Lists = { names: [], has: () => false, size: () => 0 }

/** Lists out of their sets. */
export function createLists(sets: ReadonlyMap<string, readonly MemberSet[]>): Lists {
  return {
    names: [...sets.keys()],
    has(name, value) {
      const members = sets.get(name)
      if (members === undefined || value === '') return false
      for (let i = 0; i < members.length; i++) if (members[i]!.has(value)) return true
      return false
    },
    size: name => (sets.get(name) ?? []).reduce((sum, set) => sum + set.size, 0),
  }
}
