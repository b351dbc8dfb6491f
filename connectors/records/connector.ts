import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import type { Connector, Tap, TapContext } from '../connector.ts'
import { watchDirectory } from './directory.ts'
import { type Feed, openFeed } from './feed.ts'
import { type RecordsOptions, recordsSchema } from './options.ts'

const CHUNK_BYTES = 262_144

/** Call and message records that an operator writes: a file, a directory of them, or standard input. */
export const recordsConnector: Connector<typeof recordsSchema> = {
  type: 'records',
  summary: 'call and message records as CSV or JSON lines, from a file, a directory or standard input',
  schema: recordsSchema,
  async open(options, context) {
    const feed = openFeed(options, context)
    if (options.source === 'stdin')
      return reading('standard input', feed, context, isOpen => feed.read('stdin', process.stdin, isOpen))
    await access(options.path).catch(error => {
      throw new RingfenceError(
        'TAP_FAILED',
        `${context.name}: path ${options.path} cannot be read: ${messageOf(error)}`,
        {
          cause: error,
          hint: 'name an existing file or directory that this process may read',
        },
      )
    })
    if (options.source === 'file') {
      return reading(options.path, feed, context, isOpen => readFile(options.path, feed, isOpen))
    }
    return reading(options.path, feed, context, (isOpen, signal) => follow(options, feed, context, isOpen, signal))
  },
}

/** A tap that reads by itself until there is no more, or until it is closed. */
function reading(
  address: string,
  feed: Feed,
  context: TapContext,
  work: (isOpen: () => boolean, signal: AbortSignal) => Promise<unknown>,
): Tap {
  const abort = new AbortController()
  const finished = work(() => !abort.signal.aborted, abort.signal)
    .catch(error => {
      if (!abort.signal.aborted) context.logger.error({ error: messageOf(error) }, 'reading records failed')
    })
    .then(() => feed.finish())
  return {
    address,
    finished,
    async close() {
      abort.abort()
      // Standard input may never say another word: destroying it ends the wait.
      if (address === 'standard input') process.stdin.destroy()
      await finished
    },
  }
}

async function readFile(path: string, feed: Feed, isOpen: () => boolean): Promise<boolean> {
  return feed.read(basename(path), createReadStream(path, { highWaterMark: CHUNK_BYTES }), isOpen)
}

async function follow(
  options: RecordsOptions,
  feed: Feed,
  context: TapContext,
  isOpen: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const directory = watchDirectory(options)
  while (isOpen()) {
    try {
      for (const file of await directory.ready(context.now())) {
        const readable = await readFile(file, feed, isOpen)
        if (!isOpen()) return
        // Ends of calls that lie ahead are held in memory only: they are given out before the file is called done.
        feed.finish()
        await context.durable()
        await directory.finish(file, readable)
      }
    } catch (error) {
      context.logger.warn({ error: messageOf(error) }, 'directory of records')
    }
    await delay(options.pollMs, undefined, { signal }).catch(() => {})
  }
}
