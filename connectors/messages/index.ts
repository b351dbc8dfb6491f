export { MAX_DEPTH, parseJson } from './json.ts'
export { emitMessage, MAX_PARTY, type ObservedMessage } from './message.ts'
export {
  type ContentGate,
  type ContentOptions,
  type ContentPolicy,
  type ContentReader,
  contentGate,
  contentOptions,
  contentPolicies,
  MAX_TEXT,
} from './policy.ts'
export { openPushServer, type PushDrop, type PushOptions, type PushServer, pathOf, type TakeBody } from './push.ts'
export { contentReader } from './reader.ts'
export { type Authenticate, authenticator, type SenderToken, tokenOptions } from './tokens.ts'
