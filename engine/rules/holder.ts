import { messageOf, RingfenceError } from '../errors/index.ts'
import { idOf } from '../hash/index.ts'
import { extendList, type Lists } from '../lists/index.ts'
import type { Pack } from './pack.ts'
import { formatProblem, suggestion } from './problems.ts'

export type Reload =
  | { readonly ok: true; readonly version: string; readonly changed: boolean }
  | { readonly ok: false; readonly reason: string; readonly hint: string | undefined }

/**
 * The pack in force. Partitions ask for `current` between batches and rebuild their judge when it is another object; the
 * swap is one assignment. What does not load is refused: the pack in force stays.
 */
export interface PackHolder {
  readonly current: Pack
  /** Loads again, from files. */
  reload(): Reload
  /**
   * Sets the entries that a list has beside those of its files (the control topic's `entries`); they outlive reloads.
   * An empty array takes them away.
   */
  setEntries(list: string, entries: readonly string[]): Reload
  readonly counts: { readonly reloads: number; readonly refused: number }
}

/**
 * @param load reads, checks and compiles the packs; throws RingfenceError PACK_INVALID
 * @throws RingfenceError when the first load fails: there is no pack to stay with
 */
export function createPackHolder(load: () => Pack): PackHolder {
  const added = new Map<string, readonly string[]>()
  const counts = { reloads: 0, refused: 0 }
  let files = load()
  let current = files

  const refuse = (reason: string, hint: string | undefined): Reload => {
    counts.refused++
    return { ok: false, reason, hint }
  }
  const swap = (next: Pack): Reload => {
    const changed = next.version !== current.version
    if (changed) current = next
    counts.reloads++
    return { ok: true, version: current.version, changed }
  }

  return {
    get current() {
      return current
    },
    reload() {
      try {
        const next = load()
        const extended = extend(next, added)
        files = next
        return swap(extended)
      } catch (error) {
        return refuse(messageOf(error), error instanceof RingfenceError ? error.hint : undefined)
      }
    },
    setEntries(list, entries) {
      const before = added.get(list)
      try {
        if (entries.length === 0) added.delete(list)
        else added.set(list, entries)
        return swap(extend(files, added))
      } catch (error) {
        if (before === undefined) added.delete(list)
        else added.set(list, before)
        return refuse(messageOf(error), error instanceof RingfenceError ? error.hint : undefined)
      }
    },
    counts,
  }
}

function extend(pack: Pack, added: ReadonlyMap<string, readonly string[]>): Pack {
  if (added.size === 0) return pack
  let lists: Lists = pack.lists
  const digest: string[] = []
  for (const [name, entries] of [...added].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!lists.names.includes(name)) {
      const hint = suggestion(name, lists.names)
      throw new RingfenceError('PACK_INVALID', `no list is named "${name}"`, hint === undefined ? {} : { hint })
    }
    const extended = extendList(lists, name, entries)
    const first = extended.problems[0]
    if (first !== undefined) {
      const { line, column, message, hint } = first
      const problem = { file: 'entries', line, column, field: `lists.${name}`, message }
      throw new RingfenceError('PACK_INVALID', formatProblem(problem), { hint })
    }
    lists = extended.lists
    digest.push(name, ...entries)
  }
  return { ...pack, lists, version: `${pack.version}~${idOf(...digest).slice(0, 8)}` }
}
