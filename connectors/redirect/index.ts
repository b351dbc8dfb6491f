export { type RedirectOptions, redirectSchema } from './options.ts'
export type { Ask, RedirectAnswer, RedirectQuestion } from './port.ts'
export {
  createResponder,
  type RedirectCounters,
  type RedirectDrop,
  type Respond,
  type ResponderContext,
  type Response,
  redirectDrops,
} from './responder.ts'
export { openRedirect, type RedirectServer } from './server.ts'
