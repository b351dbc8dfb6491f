export type { Claimed } from './check.ts'
export { exposePassport } from './metrics.ts'
export { type FailureReason, failureReasons, failures } from './reasons.ts'
export { type PassportOptions, passportDefaults, passportSchema } from './schema.ts'
export {
  createVerifier,
  type Verification,
  type Verifier,
  type VerifierCounters,
  type VerifierEnvironment,
  type VerifyRequest,
} from './verifier.ts'
