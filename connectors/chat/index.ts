export { chatConnector } from './connector.ts'
export { ChatMessage, ChatReport } from './message.ts'
export type { ChatOptions } from './options.ts'
