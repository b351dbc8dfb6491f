import { hashOfKey } from './key.ts'

/** From numeric keys to slots. */
export interface IndexTable {
  readonly size: number
  readonly bytes: number
  /** Slot of a key, -1 when it is not there. */
  get(key: number): number
  /** The key must not be there yet. */
  add(key: number, slot: number): void
  remove(key: number): void
}

const SHARDS = 256
const FIRST_CAPACITY = 64

/**
 * Open addressing with linear probing, in 256 shards that grow one by one: at five million keys the largest pause for a
 * growing table is that of 40,000 entries (under a millisecond), where one table of all would hold decisions up for 200.
 * Entries are slots + 1; the key of a slot is asked of its owner, so that it is stored once.
 */
export function createIndexTable(keyAt: (slot: number) => number): IndexTable {
  const tables = Array.from({ length: SHARDS }, () => new Int32Array(FIRST_CAPACITY))
  const counts = new Uint32Array(SHARDS)
  let size = 0

  /** Place of the key in its shard, or of the hole where it belongs. */
  function place(table: Int32Array, key: number, hash: number): number {
    const mask = table.length - 1
    let at = (hash >>> 8) & mask
    for (;;) {
      const entry = table[at]!
      if (entry === 0 || keyAt(entry - 1) === key) return at
      at = (at + 1) & mask
    }
  }

  function grow(shard: number): void {
    const old = tables[shard]!
    const grown = new Int32Array(old.length * 2)
    for (const entry of old) {
      if (entry === 0) continue
      const key = keyAt(entry - 1)
      grown[place(grown, key, hashOfKey(key))] = entry
    }
    tables[shard] = grown
  }

  return {
    get size() {
      return size
    },
    get bytes() {
      return tables.reduce((sum, table) => sum + table.byteLength, 0)
    },
    get(key) {
      const hash = hashOfKey(key)
      const table = tables[hash & (SHARDS - 1)]!
      return table[place(table, key, hash)]! - 1
    },
    add(key, slot) {
      const hash = hashOfKey(key)
      const shard = hash & (SHARDS - 1)
      if (++counts[shard]! > tables[shard]!.length * 0.6) grow(shard)
      const table = tables[shard]!
      table[place(table, key, hash)] = slot + 1
      size++
    },
    remove(key) {
      const hash = hashOfKey(key)
      const shard = hash & (SHARDS - 1)
      const table = tables[shard]!
      const mask = table.length - 1
      let hole = place(table, key, hash)
      if (table[hole] === 0) return
      // Entries after it move up where their own place allows it, so that no tombstone is left (Knuth 6.4, algorithm R).
      for (let at = (hole + 1) & mask; table[at] !== 0; at = (at + 1) & mask) {
        const home = (hashOfKey(keyAt(table[at]! - 1)) >>> 8) & mask
        const distance = (at - home) & mask
        if (distance < ((at - hole) & mask)) continue
        table[hole] = table[at]!
        hole = at
      }
      table[hole] = 0
      counts[shard]!--
      size--
    },
  }
}
