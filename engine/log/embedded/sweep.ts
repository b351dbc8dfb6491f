import { setImmediate as nextTurn } from 'node:timers/promises'
import { partitionsOf } from '../partitioner.ts'
import { appendedMsOf } from './frame.ts'
import { recordKey } from './keys.ts'
import type { Store } from './store.ts'

/** Entries removed in one transaction: about a millisecond of work. */
const STEP_ENTRIES = 256
/** A tombstone stays this long for readers that lag (Kafka's delete.retention.ms). */
const TOMBSTONE_MS = 86_400_000

/**
 * Removes what retention has let go at `nowMs`: frames appended longer ago than the topic keeps, and tombstones a day old.
 * In small transactions with a turn of the event loop between them. Returns the number of entries removed.
 */
export async function sweepStore(store: Store, nowMs: number, stopped: () => boolean): Promise<number> {
  let removed = 0
  for (const spec of store.specs.values()) {
    if (spec.keeping.policy !== 'delete') continue
    const before = nowMs - spec.keeping.retentionMs
    const topic = store.topicNumber(spec.topic)
    for (let partition = 0; partition < partitionsOf(spec, store.partitions); partition++) {
      removed += await inSteps(stopped, () => removeFrames(store, topic, partition, before))
    }
  }
  return removed + (await inSteps(stopped, () => removeTombstones(store, nowMs - TOMBSTONE_MS)))
}

async function inSteps(stopped: () => boolean, step: () => Promise<number>): Promise<number> {
  let removed = 0
  while (!stopped()) {
    const count = await step()
    removed += count
    if (count < STEP_ENTRIES) break
    await nextTurn()
  }
  return removed
}

async function removeFrames(store: Store, topic: number, partition: number, beforeMs: number): Promise<number> {
  const expired: Buffer[] = []
  const start = recordKey(topic, partition, 0)
  const end = recordKey(topic, partition + 1, 0)
  for (const key of store.records.getKeys({ start, end, limit: STEP_ENTRIES })) {
    const frame = store.records.getBinaryFast(key)
    // A frame too short to tell its time is damaged: it stays for a reader to report.
    const appendedMs = frame === undefined ? undefined : appendedMsOf(frame)
    if (appendedMs === undefined || appendedMs >= beforeMs) break
    expired.push(key)
  }
  if (expired.length > 0) {
    await store.transact(() => {
      for (const key of expired) void store.records.remove(key)
    })
  }
  return expired.length
}

async function removeTombstones(store: Store, beforeMs: number): Promise<number> {
  const end = Buffer.alloc(8)
  end.writeDoubleBE(Math.max(beforeMs, 0), 0)
  const due = [...store.tombstones.getRange({ start: Buffer.from([0]), end, limit: STEP_ENTRIES })]
  if (due.length > 0) {
    await store.transact(() => {
      for (const { key, value: index } of due) {
        const place = key.subarray(8)
        const latest = store.latest.get(index)
        // The key may have come back to life since; then its tombstone record is gone already.
        if (latest !== undefined && recordKey(place[0]!, place.readUInt16BE(1), latest.readDoubleLE(0)).equals(place)) {
          void store.records.remove(place)
          void store.latest.remove(index)
        }
        void store.tombstones.remove(key)
      }
    })
  }
  return due.length
}
