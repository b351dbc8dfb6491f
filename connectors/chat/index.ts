export { chatConnector } from './connector.ts'
export { MAX_DEPTH, parseJson } from './json.ts'
export { ChatMessage, ChatReport } from './message.ts'
export { type ChatOptions, chatSchema } from './options.ts'
