export { MAX_DEPTH, parseJson } from './json.ts'
export { emitMessage, MAX_PARTY, type ObservedMessage } from './message.ts'
export {
  type ContentGate,
  type ContentOptions,
  type ContentPolicy,
  type ContentReader,
  contentGate,
  contentOptions,
  MAX_TEXT,
} from './policy.ts'
export { contentReader } from './reader.ts'
