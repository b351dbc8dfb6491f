import { PEER_IN, PEER_OUT, PEERS } from './derived.ts'
import { at } from './layout.ts'
import type { PartyRow } from './row.ts'

const WAYS = 4
const BUCKETS = PEERS / WAYS
const TAG = 0xffff & ~(PEER_OUT | PEER_IN)

/**
 * Remembers a contact with a peer in the given direction; returns the directions known before (0: never met).
 * Five buckets of four, newest first: the peer met longest ago in its bucket is forgotten. A tag of 14 bits in four ways
 * takes a stranger for a friend once in 4,096.
 */
export function meetPeer(row: PartyRow, hash: number, direction: number): number {
  const { u16, base } = row.cursor
  const start = ((base + at.peers) >>> 1) + (Math.imul(hash & 0xffff, BUCKETS) >>> 16) * WAYS
  const tag = (hash >>> 16) & TAG || 4
  let way = 0
  while (way < WAYS - 1 && (u16[start + way]! & TAG) !== tag) way++
  const found = u16[start + way]!
  const known = (found & TAG) === tag ? found & ~TAG : 0
  for (; way > 0; way--) u16[start + way] = u16[start + way - 1]!
  u16[start] = tag | known | direction
  return known
}
