/**
 * Why a PASSporT does not hold: a closed list, fit for a record, a rule and a metric's label. With each the SIP response that
 * RFC 8224 §6.2.2 has for it, and whether it speaks of the caller (`caller`: the token is false or misused) or only of what
 * could not be found out (`network`: nobody is to be blamed for a certificate repository that is down).
 */
export const failures = {
  malformed: { status: 438, of: 'caller', about: 'the Identity header or its token cannot be read' },
  'unsupported-algorithm': { status: 438, of: 'caller', about: 'not signed with ES256 (alg=none and all others)' },
  'unsupported-extension': { status: 438, of: 'network', about: 'no token of a kind that is read (ppt)' },
  'x5u-mismatch': { status: 436, of: 'caller', about: "the header's info names another certificate than the token" },
  stale: { status: 403, of: 'caller', about: 'signed too long ago: perhaps replayed' },
  'not-yet-valid': { status: 403, of: 'caller', about: 'signed in the future' },
  'orig-mismatch': { status: 438, of: 'caller', about: 'signed for another caller' },
  'dest-mismatch': { status: 438, of: 'caller', about: 'signed for another called party' },
  'broken-chain': {
    status: 438,
    of: 'caller',
    about: 'diversions do not lead from the first called party to this one',
  },
  'bad-signature': { status: 438, of: 'caller', about: "the signature is not the certificate's" },
  'message-changed': { status: 438, of: 'caller', about: 'the digest of the message (msgi) is another' },
  'x5u-refused': { status: 436, of: 'caller', about: 'certificate at an address that is not fetched from' },
  'certificate-unreachable': { status: 436, of: 'network', about: 'the certificate could not be fetched' },
  'certificate-malformed': { status: 437, of: 'caller', about: 'what was fetched is no certificate for this use' },
  'certificate-expired': { status: 437, of: 'caller', about: 'a certificate of the chain is not valid at this time' },
  'certificate-revoked': { status: 437, of: 'caller', about: 'a certificate of the chain was revoked' },
  'certificate-untrusted': { status: 437, of: 'caller', about: 'the chain does not end at a trust anchor' },
  'certificate-not-authorised': { status: 437, of: 'caller', about: 'the certificate may not speak for this number' },
  'revocation-unknown': { status: 437, of: 'network', about: 'no current revocation list says anything' },
} as const satisfies Record<string, { status: number; of: 'caller' | 'network'; about: string }>

export type FailureReason = keyof typeof failures
export const failureReasons = Object.keys(failures) as readonly FailureReason[]

/** Anything that fails inside a verification with a reason; never leaves this folder. */
export class Failure extends Error {
  readonly reason: FailureReason
  constructor(reason: FailureReason, detail = '') {
    super(detail === '' ? reason : `${reason}: ${detail}`)
    this.reason = reason
  }
}
