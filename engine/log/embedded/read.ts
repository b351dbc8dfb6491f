import type { Topic } from '../../activity/index.ts'
import { RingfenceError } from '../../errors/index.ts'
import type { RecordBatch, StoredRecord } from '../port.ts'
import { decodeFrame } from './frame.ts'
import { offsetOf, recordKey } from './keys.ts'
import type { Store } from './store.ts'

/** A batch is closed when it holds this much, whatever the number of records. */
const BATCH_BYTES = 4 * 1024 * 1024

/** Reads one partition forwards; remembers the frame it stopped in, so that small batches do not decode it again. */
export type PartitionReader = (fromOffset: number, endOffset: number, maxRecords: number) => RecordBatch | undefined

/**
 * A reader of one partition. Each call gives the batch from `fromOffset`, at most `maxRecords` and nothing from
 * `endOffset` on; undefined when there is none. Throws LOG_CORRUPT naming topic, partition and offset.
 */
export function partitionReader(store: Store, topic: Topic, partition: number): PartitionReader {
  const number = store.topicNumber(topic)
  let kept: StoredRecord[] = []

  return (fromOffset, endOffset, maxRecords) => {
    const records: StoredRecord[] = []
    let bytes = 0
    /** True when the batch is full; what is left of the frame is kept. */
    const take = (frame: StoredRecord[]): boolean => {
      for (let i = 0; i < frame.length; i++) {
        const record = frame[i]!
        if (record.offset < fromOffset) continue
        if (record.offset >= endOffset) return true
        if (records.length >= maxRecords || (bytes > 0 && bytes + size(record) > BATCH_BYTES)) {
          kept = frame.slice(i)
          return true
        }
        records.push(record)
        bytes += size(record)
      }
      return false
    }

    const left = kept
    kept = []
    const inKept = left.length > 0 && left[0]!.offset === fromOffset
    const full = inKept && take(left)
    if (!full) {
      const from = inKept ? left.at(-1)!.offset + 1 : fromOffset
      const range = {
        start: inKept ? recordKey(number, partition, from) : floorKey(store, number, partition, from),
        end: recordKey(number, partition, endOffset),
      }
      for (const { key, value } of store.records.getRange(range)) {
        const frame = decodeFrame(value, offsetOf(key))
        if (typeof frame === 'string') {
          // What was read before the damage is handed over first; the next call starts at the damage and throws.
          if (records.length > 0) break
          throw new RingfenceError(
            'LOG_CORRUPT',
            `${topic} partition ${partition} offset ${Math.max(offsetOf(key), fromOffset)}: ${frame}`,
            { hint: 'the disk has damaged the log; restore the directory from a copy' },
          )
        }
        if (take(frame)) break
      }
    }
    if (records.length === 0) return undefined
    return { topic, partition, records, nextOffset: records.at(-1)!.offset + 1, endOffset }
  }
}

function size(record: StoredRecord): number {
  return (record.value?.length ?? 0) + 64
}

/** Key of the entry that holds `offset`, which may stand inside a frame; else of the first one after it. */
function floorKey(store: Store, topic: number, partition: number, offset: number): Buffer {
  const key = recordKey(topic, partition, offset)
  const range = { start: key, end: recordKey(topic, partition, 0), inclusiveEnd: true, reverse: true, limit: 1 }
  for (const floor of store.records.getKeys(range)) {
    if (floor[0] === topic && floor.readUInt16BE(1) === partition) return floor
  }
  return key
}
