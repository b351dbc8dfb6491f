import type { WebSocket } from 'ws'
import { messageOf } from '../../engine/errors/index.ts'
import type { TapContext } from '../connector.ts'
import type { BatchReader } from './batch.ts'

/**
 * One WebSocket: each text or binary frame is a batch, answered with `{"id":…,"accepted":…,"rejected":[…]}` once the event
 * log has it, in the order of the batches; `{"error":…}` for a batch that cannot be read. While `maxPending` batches wait for
 * the log, or the queue towards it is full, nothing more is read: TCP tells the sender.
 */
export function serveSocket(
  socket: WebSocket,
  sender: string,
  peer: string,
  maxPending: number,
  context: TapContext,
  reader: BatchReader,
): void {
  let pending = 0
  // Answers keep the order of batches: each waits for the one before.
  let last: Promise<void> = Promise.resolve()

  async function settle(before: Promise<void>, answer: unknown): Promise<void> {
    await before
    try {
      await context.durable()
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(answer))
    } catch (error) {
      // Not acknowledged: the sender sends it again on its next connection, and ids count it once.
      context.logger.warn({ error: messageOf(error) }, 'chat batch not durable')
      socket.close(1013, 'event log unavailable')
    } finally {
      pending--
      if (pending < maxPending) socket.resume()
    }
  }

  socket.on('message', data => {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)
    const result = reader.take(bytes, sender, peer, 'ws')
    const { ok, ...told } = result
    pending++
    last = settle(last, ok ? told : { error: 'error' in told ? told.error : undefined })
    if (pending >= maxPending || context.congested()) socket.pause()
  })
  socket.on('error', () => socket.terminate())
}
