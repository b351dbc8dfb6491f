export { createSipAddress, readAddress, type SipAddress } from './address.ts'
export { checkSip } from './check.ts'
export { contentOf, contentOfBody } from './content.ts'
export { createDecoyReader, type DecoyName, type ReadDecoyHit } from './decoy.ts'
export { describeSip } from './describe.ts'
export type { Emit } from './emit.ts'
export { createSipMessage, type SipMessage, type SipReason, sipReasons } from './message.ts'
export { Header, Method } from './names.ts'
export { type AddressTest, addressTest } from './networks.ts'
export { createSipObserver, type SipObserver, type SipObserverConfig, type SipStats } from './observer.ts'
export { type SipOptions, sipDefaults, sipSchema } from './options.ts'
export { originOf, targetOf } from './party.ts'
export {
  identityHeaders,
  learnPassport,
  type PassportAnswer,
  type PassportQuestion,
  passportQuestion,
  type VerifyPassports,
} from './passport.ts'
export { type Framing, readSip } from './read.ts'
export { sipFileFormat } from './recording.ts'
export { createSipStream, type MessageSink, type SipStream, type StreamDrop } from './stream.ts'
export { firstText, headerText, latin1Value, lineNamed, topmostEnd } from './text.ts'
export { findParameter, type SipUri } from './uri.ts'
