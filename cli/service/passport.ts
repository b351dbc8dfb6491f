import type { PassportAnswer, VerifyPassports } from '../../connectors/sip/index.ts'
import type { Logger, Metrics } from '../../engine/observe/index.ts'
import {
  createVerifier,
  exposePassport,
  type PassportOptions,
  type Verification,
  type Verifier,
} from '../../engine/passport/index.ts'

/**
 * The verifier of signed caller identities for this process, undefined when no trust anchor is configured.
 * @throws RingfenceError CONFIG_INVALID
 */
export function openVerifier(options: PassportOptions, logger: Logger, metrics: Metrics): Verifier | undefined {
  if (options.anchors.length === 0) return undefined
  const verifier = createVerifier(options, { logger })
  exposePassport(metrics, verifier.counters)
  return verifier
}

/** The verifier as taps ask it. */
export function passportsOf(verifier: Verifier | undefined): VerifyPassports | undefined {
  if (verifier === undefined) return undefined
  return async (headers, question) => answerOf(await verifier.verify(headers, question))
}

/**
 * What a tap learns. Only full attestation, or a baseline token of a certificate for that number, vouches for the number
 * itself: B says that the customer is known, C that a gateway passed the call on (RFC 8588 clause 4).
 */
function answerOf(verification: Verification): PassportAnswer | undefined {
  if (verification.status === 'failed') return { failure: verification.reason }
  if (verification.status !== 'verified') return undefined
  const { attestation, origid, orig } = verification
  return {
    ...(attestation === undefined || attestation === 'A' ? { vouched: orig } : {}),
    ...(attestation === undefined ? {} : { attestation }),
    ...(origid === undefined ? {} : { origid }),
  }
}
