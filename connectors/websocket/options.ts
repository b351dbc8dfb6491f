import { type Static, Type } from '@sinclair/typebox'
import { tlsOptions } from '../tls/index.ts'

/** Configuration of a SIP over WebSocket tap. */
export const websocketSchema = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
    port: Type.Integer({ default: 9062, minimum: 0, maximum: 65_535, description: 'port to listen on' }),
    path: Type.String({ default: '/', pattern: '^/', description: 'path of the WebSocket' }),
    token: Type.String({
      default: '',
      maxLength: 512,
      description: 'secret that a mirror must send as Authorization: Bearer; empty asks for none',
    }),
    forwarded: Type.Boolean({
      default: false,
      description:
        'believe the addresses that a mirror gives for the mirrored connection: source and destination in the query, or X-Forwarded-For',
    }),
    ...tlsOptions,
    maxFrameBytes: Type.Integer({
      default: 65_535,
      minimum: 1024,
      maximum: 1_048_576,
      description: 'largest frame; a connection that sends a larger one is closed',
    }),
    maxConnections: Type.Integer({
      default: 1024,
      minimum: 1,
      maximum: 65_536,
      description: 'connections at a time; more are refused',
    }),
  },
  { additionalProperties: false },
)

export type WebsocketOptions = Static<typeof websocketSchema>
