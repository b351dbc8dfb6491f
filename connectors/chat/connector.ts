import { WebSocketServer } from 'ws'
import { countDrop } from '../../engine/observe/index.ts'
import type { Connector } from '../connector.ts'
import { contentGate, contentReader } from '../messages/index.ts'
import { authenticator, openPushServer, pathOf } from '../push/index.ts'
import { batchReader } from './batch.ts'
import { chatSchema } from './options.ts'
import { serveSocket } from './socket.ts'

/** Takes messages as JSON from chat platforms, RCS hubs and CPaaS: an HTTP webhook and a WebSocket on one port. */
export const chatConnector: Connector<typeof chatSchema> = {
  type: 'chat',
  summary: 'JSON messages in batches from chat platforms, over an HTTP webhook or a WebSocket',
  schema: chatSchema,
  async open(options, context) {
    const authenticate = authenticator(options.tokens)
    const reader = batchReader(context, contentGate(options.content, contentReader()), options.maxMessages)
    const push = await openPushServer(options, context, authenticate, (body, sender, peer) => {
      const result = reader.take(body, sender, peer, 'http')
      if (!result.ok) return { status: result.status, answer: { error: result.error } }
      const { id, accepted, rejected } = result
      return { status: 200, answer: { id, accepted, rejected } }
    })
    // perMessageDeflate stays off: a small frame could be gigabytes of JSON.
    const sockets = new WebSocketServer({ noServer: true, maxPayload: options.maxBytes, perMessageDeflate: false })
    push.server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy())
      const sender = authenticate(request.headers.authorization)
      if (sender === undefined || pathOf(request) !== options.path) {
        if (sender === undefined) countDrop(context.counters, 'unauthorized')
        socket.end(
          `HTTP/1.1 ${sender === undefined ? '401 Unauthorized' : '404 Not Found'}\r\nconnection: close\r\n\r\n`,
        )
        return
      }
      sockets.handleUpgrade(request, socket, head, opened => {
        serveSocket(opened, sender, request.socket.remoteAddress ?? '', options.maxPending, context, reader)
      })
    })
    return {
      address: push.address,
      finished: new Promise(() => {}),
      close() {
        for (const socket of sockets.clients) socket.terminate()
        return push.close()
      },
    }
  },
}
