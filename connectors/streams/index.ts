export {
  createMessageObservers,
  type MessageObservers,
  type ObserverContext,
  type StreamObserver,
} from './observers.ts'
export { type MessageProtocol, messageProtocols } from './protocols.ts'
