import type { IncomingMessage, ServerResponse } from 'node:http'
import { countDrop } from '../../engine/observe/index.ts'
import type { TapContext } from '../connector.ts'
import type { BatchReader, ChatDrop } from './batch.ts'
import type { ChatOptions } from './options.ts'
import type { Authenticate } from './tokens.ts'

/** Seconds that a sender is asked to wait while the event log is behind. */
const RETRY_AFTER_S = 1

/**
 * The webhook: POST a batch, get 200 once the event log has it, with what was accepted and what was not; 401, 404, 405, 413,
 * 415 or 400 for what cannot be taken, 503 with Retry-After while the queue towards the log is full.
 */
export function webhook(options: ChatOptions, context: TapContext, authenticate: Authenticate, reader: BatchReader) {
  const drop = (reason: ChatDrop) => countDrop(context.counters, reason)

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (new URL(request.url ?? '/', 'http://host').pathname !== options.path)
      return answer(response, 404, { error: 'no such path' })
    if (request.method !== 'POST') return answer(response, 405, { error: 'POST a batch of messages' })
    const sender = authenticate(request.headers.authorization)
    if (sender === undefined) {
      drop('unauthorized')
      return answer(response, 401, { error: 'unknown token' })
    }
    // A small compressed body can be gigabytes of JSON.
    if (request.headers['content-encoding'] !== undefined && request.headers['content-encoding'] !== 'identity') {
      drop('compressed')
      return answer(response, 415, { error: 'send it uncompressed' })
    }
    if (context.congested()) {
      response.setHeader('retry-after', RETRY_AFTER_S)
      return answer(response, 503, { error: 'behind, try again' })
    }
    const body = await readBody(request, options.maxBytes)
    if (body === undefined) {
      drop('batch too large')
      return answer(response, 413, { error: `more than ${options.maxBytes} bytes` })
    }
    const result = reader.take(body, sender, request.socket.remoteAddress ?? '', 'http')
    if (!result.ok) return answer(response, result.status, { error: result.error })
    await context.durable()
    const { ok: _, ...told } = result
    answer(response, 200, told)
  }
}

/** The whole body, or undefined as soon as it is longer than `maxBytes`. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return undefined
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += (chunk as Buffer).length
    if (length > maxBytes) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks, length)
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  // What is left of a refused body is not read: the connection goes with it.
  if (status !== 200 && status !== 503) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}
