import { type Static, Type } from '@sinclair/typebox'
import { contentOptions } from '../messages/index.ts'

const Cidr = (description: string) => Type.String({ minLength: 2, maxLength: 64, description })

/** One rule that names the trunk or interconnect a signal came by; every condition that is written must hold. */
const trunkRuleSchema = Type.Object(
  {
    trunk: Type.String({ minLength: 1, maxLength: 64, description: 'name of the trunk or interconnect' }),
    peer: Type.Optional(Cidr('address or CIDR block that the signal was sent from, e.g. 203.0.113.0/24')),
    via: Type.Optional(
      Type.String({ minLength: 1, description: 'host of the topmost Via; *.example.net for a domain' }),
    ),
    trunkGroup: Type.Optional(
      Type.String({ minLength: 1, description: 'tgrp parameter of the Contact or Request-URI (RFC 4904)' }),
    ),
  },
  { additionalProperties: false },
)

/** Options that every tap carrying SIP has, as configuration writes them. */
export const sipSchema = Type.Object(
  {
    trunks: Type.Array(trunkRuleSchema, {
      default: [],
      description: 'rules that name the trunk; the first that holds wins',
    }),
    trustedPeers: Type.Array(Cidr('address or CIDR block'), {
      default: [],
      description:
        "the operator's own proxies and SBCs: for a request that comes from one, the source is looked for further down its Via headers",
    }),
    assertedFrom: Type.Array(Cidr('address or CIDR block'), {
      default: [],
      description:
        'peers whose P-Asserted-Identity is believed (RFC 3325 §6); empty believes every peer, as inside a trust domain',
    }),
    legHeader: Type.String({
      default: '',
      maxLength: 64,
      description:
        'header by which the second leg of a back-to-back agent names the first: X-CID (its Call-ID) or Session-ID (RFC 7989); empty joins none',
    }),
    maxCalls: Type.Integer({
      // A busy hour's 4,000 calls/s of 90 s each; about a kilobyte a call.
      default: 400_000,
      minimum: 16,
      maximum: 4_000_000,
      description: 'calls followed at once, and registrations; beyond it the oldest are given up and counted',
    }),
    noAnswerSeconds: Type.Integer({
      default: 300,
      minimum: 10,
      maximum: 3600,
      description: 'an INVITE without a final response for this long has failed',
    }),
    retrySeconds: Type.Integer({
      // A phone that asks its user for the password tried again after 17, 32 and 51 s in a public capture (aaa.pcap).
      default: 60,
      minimum: 1,
      maximum: 600,
      description: 'how long a challenged or redirected INVITE or REGISTER may wait for its second try',
    }),
    sessionIdleSeconds: Type.Integer({
      default: 14_400,
      minimum: 60,
      maximum: 604_800,
      description: 'a call without any message for this long has ended, where no session timer says otherwise',
    }),
    textLimit: Type.Integer({
      default: 4096,
      minimum: 0,
      maximum: 65_536,
      description: 'characters of a message text that are kept',
    }),
    content: contentOptions,
  },
  { additionalProperties: false },
)

export type SipOptions = Static<typeof sipSchema>
export type TrunkRule = Static<typeof trunkRuleSchema>

/** Every option at its default. */
export const sipDefaults: SipOptions = {
  trunks: [],
  trustedPeers: [],
  assertedFrom: [],
  legHeader: '',
  maxCalls: 400_000,
  noAnswerSeconds: 300,
  retrySeconds: 60,
  sessionIdleSeconds: 14_400,
  textLimit: 4096,
  content: { policy: 'inspect', withoutConsent: 'features-only', jurisdictions: {} },
}
