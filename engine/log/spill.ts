import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Topic } from '../activity/index.ts'
import type { AppendRecord } from './port.ts'

/**
 * Records on local disk that the log could not take yet, oldest first, in files of a few megabytes.
 * What a process leaves behind is found by the next one. Each record:
 *
 *   0 length u32 of what follows the checksum, 4 crc32 u32, 8 time f64, 16 partition i32 (-1: by key),
 *   20 topic length u16, 22 key length i32 (-1: null), 26 value length i32 (-1: null), 30 topic, key, value
 */
export interface Spill {
  /** Records on disk. */
  readonly records: number
  readonly bytes: number
  /** Adds a record at the end; gives the number of records dropped to stay inside the limit. Throws when the disk refuses. */
  push(record: AppendRecord): number
  /** Puts records before everything else, or behind the oldest file, in a file of their own, whatever the limit says. */
  insert(records: readonly AppendRecord[], where: 'first' | 'second'): void
  /** The records of the oldest file, none when there is no file. They stay on disk until `done`. */
  oldest(): readonly AppendRecord[]
  /** Removes the oldest file. */
  done(): void
  close(): void
}

export interface SpillOptions {
  readonly directory: string
  readonly maxBytes: number
}

interface Segment {
  readonly path: string
  records: number
  bytes: number
}

const HEADER_BYTES = 30
const SEGMENT_BYTES = 4 * 1024 * 1024

/** Opens the spill in `directory`, created when missing, with what is in it. Throws what the file system says. */
export function openSpill({ directory, maxBytes }: SpillOptions): Spill {
  mkdirSync(directory, { recursive: true })
  const segments: Segment[] = readdirSync(directory)
    .filter(name => /^spill-\d{12}$/.test(name))
    .sort()
    .map(name => {
      const path = join(directory, name)
      return { path, records: decodeAll(readFileSync(path)).length, bytes: statSync(path).size }
    })
  // From the middle, since files can come to stand before the first one too.
  let sequence = segments.length === 0 ? 5e11 : Number(segments.at(-1)!.path.slice(-12))
  // The last file of another run may end in a torn record: never added to.
  let writing: { readonly segment: Segment; readonly file: number } | undefined
  let records = segments.reduce((sum, each) => sum + each.records, 0)
  let bytes = segments.reduce((sum, each) => sum + each.bytes, 0)

  function nextNumber(): number {
    sequence += 2
    return sequence
  }

  function pathOf(number: number): string {
    return join(directory, `spill-${String(number).padStart(12, '0')}`)
  }

  function seal(): void {
    if (writing !== undefined) closeSync(writing.file)
    writing = undefined
  }

  function target(): { readonly segment: Segment; readonly file: number } {
    if (writing !== undefined && writing.segment.bytes < segmentBytes) return writing
    seal()
    const path = pathOf(nextNumber())
    const segment = { path, records: 0, bytes: 0 }
    writing = { segment, file: openSync(path, 'wx') }
    segments.push(segment)
    return writing
  }

  /** Returns the number of records it held. */
  function removeOldest(): number {
    const first = segments.shift()
    if (first === undefined) return 0
    if (writing?.segment === first) seal()
    rmSync(first.path, { force: true })
    records -= first.records
    bytes -= first.bytes
    return first.records
  }

  const segmentBytes = Math.min(SEGMENT_BYTES, Math.ceil(maxBytes / 4))
  return {
    get records() {
      return records
    },
    get bytes() {
      return bytes
    },
    push(record) {
      const encoded = encode(record)
      let dropped = 0
      while (segments.length > 0 && bytes + encoded.length > maxBytes) dropped += removeOldest()
      const { segment, file } = target()
      // Into the page cache, not flushed: a process that dies loses nothing, a machine that dies may lose some.
      const written = writeSync(file, encoded)
      segment.bytes += written
      bytes += written
      if (written < encoded.length) {
        seal()
        throw new Error(`only ${written} of ${encoded.length} bytes written`)
      }
      segment.records++
      records++
      return dropped
    },
    insert(batch, where) {
      if (batch.length === 0) return
      // Every other number is left free for this.
      const oldest = segments.length === 0 ? nextNumber() : Number(segments[0]!.path.slice(-12))
      const first = where === 'first' ? oldest - 2 : oldest + 1
      const path = pathOf(first)
      const encoded = Buffer.concat(batch.map(encode))
      writeFileSync(path, encoded, { flag: 'wx' })
      segments.splice(where === 'first' ? 0 : 1, 0, { path, records: batch.length, bytes: encoded.length })
      records += batch.length
      bytes += encoded.length
    },
    oldest() {
      const first = segments[0]
      if (first === undefined) return []
      if (writing?.segment === first) seal()
      return decodeAll(readFileSync(first.path))
    },
    done() {
      removeOldest()
    },
    close: seal,
  }
}

function encode(record: AppendRecord): Buffer {
  const key = record.key === null ? undefined : Buffer.from(record.key)
  const { traceParent = '' } = record
  const size =
    HEADER_BYTES + record.topic.length + (key?.length ?? 0) + (record.value?.length ?? 0) + traceParent.length
  const out = Buffer.allocUnsafe(size)
  out.writeUInt32LE(size - 8, 0)
  out.writeDoubleLE(record.timeMs, 8)
  out.writeInt32LE(record.partition ?? -1, 16)
  out.writeUInt16LE(record.topic.length, 20)
  out.writeInt32LE(key?.length ?? -1, 22)
  out.writeInt32LE(record.value?.length ?? -1, 26)
  let at = HEADER_BYTES + out.write(record.topic, HEADER_BYTES, 'latin1')
  if (key !== undefined) at += key.copy(out, at)
  if (record.value !== null) out.set(record.value, at)
  // Last, where files of before it end: its length is what is left.
  out.write(traceParent, size - traceParent.length, 'latin1')
  out.writeUInt32LE(crc32(out.subarray(8)), 4)
  return out
}

/** All whole records of a file; reading ends at the first torn or damaged one. */
function decodeAll(file: Buffer): AppendRecord[] {
  const records: AppendRecord[] = []
  let at = 0
  while (at + HEADER_BYTES <= file.length) {
    const end = at + 8 + file.readUInt32LE(at)
    if (end > file.length || crc32(file.subarray(at + 8, end)) !== file.readUInt32LE(at + 4)) break
    const partition = file.readInt32LE(at + 16)
    const topicEnd = at + HEADER_BYTES + file.readUInt16LE(at + 20)
    const keyLength = file.readInt32LE(at + 22)
    const keyEnd = topicEnd + Math.max(keyLength, 0)
    const valueLength = file.readInt32LE(at + 26)
    const valueEnd = keyEnd + Math.max(valueLength, 0)
    records.push({
      topic: file.toString('latin1', at + HEADER_BYTES, topicEnd) as Topic,
      key: keyLength < 0 ? null : file.toString('utf8', topicEnd, keyEnd),
      value: valueLength < 0 ? null : file.subarray(keyEnd, valueEnd),
      timeMs: file.readDoubleLE(at + 8),
      ...(partition < 0 ? {} : { partition }),
      ...(valueEnd === end ? {} : { traceParent: file.toString('latin1', valueEnd, end) }),
    })
    at = end
  }
  return records
}
