import { type Static, Type } from '@sinclair/typebox'
import { contentOptions } from '../messages/index.ts'
import { tokenOptions } from '../push/index.ts'
import { tlsOptions } from '../tls/index.ts'

/** Options of the chat tap. */
export const chatSchema = Type.Object({
  host: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  port: Type.Integer({ default: 8081, minimum: 0, maximum: 65_535, description: 'port of webhook and WebSocket' }),
  path: Type.String({ default: '/v1/messages', pattern: '^/', description: 'path of both' }),
  tokens: tokenOptions,
  ...tlsOptions,
  maxBytes: Type.Integer({
    default: 1_048_576,
    minimum: 1024,
    maximum: 67_108_864,
    description: 'largest batch (bytes)',
  }),
  maxMessages: Type.Integer({ default: 1000, minimum: 1, maximum: 100_000, description: 'messages in a batch' }),
  maxPending: Type.Integer({
    default: 16,
    minimum: 1,
    maximum: 1024,
    description: 'batches of one WebSocket waiting for the event log; reading pauses beyond',
  }),
  maxConnections: Type.Integer({ default: 256, minimum: 1, description: 'connections at a time; more are refused' }),
  content: contentOptions,
})
export type ChatOptions = Static<typeof chatSchema>
