import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { countDrop } from '../../engine/observe/index.ts'
import type { Connector } from '../connector.ts'
import { contentGate, contentReader } from '../messages/index.ts'

import { batchReader } from './batch.ts'
import { webhook } from './http.ts'
import { chatSchema } from './options.ts'
import { serveSocket } from './socket.ts'
import { authenticator } from './tokens.ts'

/** Takes messages as JSON from chat platforms, RCS hubs and CPaaS: an HTTP webhook and a WebSocket on one port. */
export const chatConnector: Connector<typeof chatSchema> = {
  type: 'chat',
  summary: 'JSON messages in batches from chat platforms, over an HTTP webhook or a WebSocket',
  schema: chatSchema,
  async open(options, context) {
    const authenticate = authenticator(options.tokens)
    const reader = batchReader(context, contentGate(options.content, contentReader()), options.maxMessages)
    const handle = webhook(options, context, authenticate, reader)
    const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
      handle(request, response).catch(error => {
        context.logger.warn({ error: messageOf(error) }, 'chat batch failed')
        if (!response.headersSent) response.writeHead(503)
        response.end()
      })
    })
    server.maxConnections = options.maxConnections
    // perMessageDeflate stays off: a small frame could be gigabytes of JSON.
    const sockets = new WebSocketServer({ noServer: true, maxPayload: options.maxBytes, perMessageDeflate: false })
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy())
      const sender = authenticate(request.headers.authorization)
      const path = new URL(request.url ?? '/', 'http://host').pathname
      if (sender === undefined || path !== options.path) {
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
    await new Promise<void>((resolve, reject) => {
      server.once('error', error => {
        const place = `${options.host}:${options.port}`
        reject(new RingfenceError('LISTEN_FAILED', `cannot listen on ${place}: ${messageOf(error)}`, { cause: error }))
      })
      server.listen(options.port, options.host, () => resolve())
    })
    const bound = server.address() as AddressInfo
    return {
      address: `${bound.address}:${bound.port}`,
      finished: new Promise(() => {}),
      async close() {
        for (const socket of sockets.clients) socket.terminate()
        await new Promise<void>(resolve => {
          server.close(() => resolve())
          server.closeAllConnections()
        })
      },
    }
  },
}
