export { hepConnector } from './connector.ts'
export {
  createHepDecoder,
  DEFAULT_MAX_INFLATED_BYTES,
  type HepDecode,
  type HepDecoderOptions,
  isHep3,
} from './decoder.ts'
export { createKeyCheck, type HepKey, type KeyCheck } from './keys.ts'
export { type Listen, parseListen } from './listen.ts'
export { type HepOptions, hepSchema } from './options.ts'
export { createHepPacket, type HepDropReason, type HepPacket, hepDropReasons, signalProtocolOf } from './packet.ts'
export { createHepReceiver, type HepReceiver, type HepReceiverOptions } from './receiver.ts'
export { createHepStream, type HepStream } from './stream.ts'
export { listenTcp } from './tcp.ts'
export { type Listener, listenUdp } from './udp.ts'
export { looksLikeV12 } from './v12.ts'
