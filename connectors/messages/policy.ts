import { type Static, Type } from '@sinclair/typebox'
import { type Content, closed } from '../../engine/activity/index.ts'

/** What a tap may do with the content of a message: the mildest last. */
const contentPolicies = ['inspect', 'features-only', 'none'] as const
export type ContentPolicy = (typeof contentPolicies)[number]
const Policy = (description: string, value: ContentPolicy) => ({
  ...closed(contentPolicies, description),
  default: value,
})

/** Options of every tap that sees content. */
export const contentOptions = Type.Object(
  {
    policy: Policy(
      'inspect: text goes to the log; features-only: features and fingerprint are taken here and the text is dropped; none: nothing of the content is looked at',
      'inspect',
    ),
    withoutConsent: Policy(
      'what is done at most where a message says that its sender or recipient has not consented (ITU-T X.1247)',
      'features-only',
    ),
    jurisdictions: Type.Record(
      Type.String({ pattern: '^\\+[0-9]{1,15}$' }),
      closed(contentPolicies, 'what is done at most'),
      {
        default: {},
        description: 'by the beginning of the recipient number, longest first: what the law there allows at most',
      },
    ),
  },
  { default: {}, additionalProperties: false, description: 'what of the content may be looked at and kept' },
)
export type ContentOptions = Static<typeof contentOptions>

/** Takes features and fingerprint of a text; the engine's content folder gives the real one. */
export interface ContentReader {
  features(text: string): Record<string, number>
  /** undefined for a text too short to tell from others. */
  fingerprint(text: string): string | undefined
}

/** Longest text on the log, in UTF-16 code units (the activity schema's bound). */
export const MAX_TEXT = 65_536

/**
 * Applies the policy: returns what goes on the log of a text, undefined for nothing.
 * The strictest of three rules holds: the tap's, that of the recipient's jurisdiction, and that of missing consent.
 */
export type ContentGate = (
  type: string,
  text: string | undefined,
  recipient: string,
  consent: boolean | undefined,
) => Content | undefined

/** A gate for one tap's options. */
export function contentGate(options: ContentOptions, reader: ContentReader): ContentGate {
  const prefixes = Object.keys(options.jurisdictions).sort((a, b) => b.length - a.length)

  function policyFor(recipient: string, consent: boolean | undefined): ContentPolicy {
    let policy = options.policy
    if (consent === false) policy = stricter(policy, options.withoutConsent)
    if (prefixes.length === 0 || policy === 'none') return policy
    const prefix = prefixes.find(candidate => recipient.startsWith(candidate))
    return prefix === undefined ? policy : stricter(policy, options.jurisdictions[prefix]!)
  }

  return (type, text, recipient, consent) => {
    const policy = policyFor(recipient, consent)
    if (policy === 'none') return undefined
    if (text === undefined || text === '') return { type }
    const kept = text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text
    if (policy === 'inspect') return { type, text: kept }
    const fingerprint = reader.fingerprint(kept)
    const features = reader.features(kept)
    return fingerprint === undefined ? { type, features } : { type, features, fingerprint }
  }
}

function stricter(a: ContentPolicy, b: ContentPolicy): ContentPolicy {
  return contentPolicies.indexOf(a) > contentPolicies.indexOf(b) ? a : b
}
