import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip, gunzipSync } from 'node:zlib'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'

const GZIP_FIRST = 0x1f
const GZIP_SECOND = 0x8b

/** Is this the beginning of a gzip file? */
export function isGzip(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === GZIP_FIRST && head[1] === GZIP_SECOND
}

/**
 * The beginning of what a gzip file holds, from the beginning of the file: enough to recognise a format by.
 * Empty when it is not gzip after all.
 */
export function inflateHead(head: Uint8Array): Uint8Array {
  try {
    // SYNC_FLUSH: an unfinished stream is no error, it gives what it has.
    return gunzipSync(head, { finishFlush: 2, maxOutputLength: 8 << 20 })
  } catch {
    return new Uint8Array(0)
  }
}

/**
 * The first bytes of a file, up to 4 KB.
 * @throws RingfenceError INPUT_UNREADABLE
 */
export async function headOf(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** A source read in chunks of up to 1 MiB: 64 KiB ones cost a third more on large captures. */
const CHUNK_BYTES = 1 << 20

/**
 * Opens a file for reading once from its beginning, inflated when it is gzip.
 * @param head the file's first bytes, to tell gzip by
 * @param progress called with the bytes read off the disk
 */
export function openSource(path: string, head: Uint8Array, progress: (bytesRead: number) => void): Readable {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  file.on('data', () => progress(file.bytesRead))
  if (!isGzip(head)) return file
  const inflated = createGunzip({ chunkSize: 256 << 10 })
  file.on('error', error => inflated.destroy(error))
  return file.pipe(inflated)
}

/** Did inflating fail because the file is damaged or cut, not because it cannot be read? */
export function isInflateError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return code.startsWith('Z_')
}

/** An error of opening or reading, as the one that commands print. */
export function unreadable(path: string, error: unknown): RingfenceError {
  return new RingfenceError('INPUT_UNREADABLE', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
}
