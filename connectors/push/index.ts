export { openPushServer, type PushDrop, type PushOptions, type PushServer, pathOf, type TakeBody } from './push.ts'
export { type Authenticate, authenticator, type SenderToken, tokenOptions } from './tokens.ts'
