import { closeSync, openSync, writeSync } from 'node:fs'
import { messageOf, RingfenceError } from '../engine/errors/index.ts'

/** Writes JSON lines in large chunks. Writing waits for the disk or the pipe: nothing piles up in memory. */
export interface LineWriter {
  write(value: object): void
  end(): void
}

const CHUNK_CHARACTERS = 1 << 16

/**
 * JSON lines to a file, or to standard output for `-`. Lines of values written are one object each.
 * @throws RingfenceError OUTPUT_FAILED when the destination cannot be opened or written
 */
export function openLines(path: string): LineWriter {
  const attempt = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw new RingfenceError('OUTPUT_FAILED', `cannot write ${path}: ${messageOf(error)}`, { cause: error })
    }
  }
  const file = path === '-' ? undefined : attempt(() => openSync(path, 'w'))
  let text = ''

  function flush(): void {
    if (text === '') return
    // A pipe on standard output is written synchronously on POSIX systems.
    if (file === undefined) process.stdout.write(text)
    else attempt(() => writeSync(file, text))
    text = ''
  }
  return {
    write(value) {
      text += `${JSON.stringify(value)}\n`
      if (text.length >= CHUNK_CHARACTERS) flush()
    },
    end() {
      flush()
      if (file !== undefined) closeSync(file)
    },
  }
}
