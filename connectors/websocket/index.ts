export { websocketConnector } from './connector.ts'
export { type WebsocketOptions, websocketSchema } from './options.ts'
