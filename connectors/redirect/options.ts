import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../../engine/activity/index.ts'

const sipUri = (description: string) =>
  Type.String({ default: '', pattern: '^$|^sips?:[!-~]{1,200}$', maxLength: 256, description })

/** The `redirect` section of the configuration. */
export const redirectSchema = Type.Object(
  {
    listen: Type.Array(Type.String({ pattern: '^(udp|tcp)://' }), {
      default: [],
      description: 'udp://HOST:PORT and tcp://HOST:PORT to answer SIP on; no redirect server when empty',
    }),
    peers: Type.Array(Type.String({ minLength: 2, maxLength: 64 }), {
      default: ['127.0.0.0/8', '::1'],
      description: 'addresses and CIDR blocks of the proxies and SBCs that may ask; all others get no answer at all',
    }),
    pass: closed(
      ['302', '404', '480', '503'],
      'how a call that may go on is answered: 302 with the way on as Contact, or the status that the switch takes for "route it on"',
      '302',
    ),
    nextHop: Type.String({
      default: '',
      pattern: '^$|^[A-Za-z0-9.:\\[\\]_-]{1,128}$',
      description: 'HOST or HOST:PORT put into the way on; empty keeps that of the Request-URI',
    }),
    block: closed(
      ['603', '603+', '608'],
      '603 Decline; 603 Network Blocked with a Reason as ATIS-1000099 has it; 608 Rejected with the signed card of serve.appeals (RFC 8688)',
      '603',
    ),
    divertTo: sipUri(
      'sip: URI that calls to be diverted go to, such as a voicemail; {to} is the user part of the target; empty blocks',
    ),
    challengeTo: sipUri(
      'sip: URI of a challenge (an announcement that asks to press a key); empty lets the call go on, labelled',
    ),
    label: Type.String({
      default: '',
      maxLength: 32,
      description: 'put before the display name of flagged callers in P-Asserted-Identity of a 302; empty adds none',
    }),
    verstat: Type.Boolean({
      default: false,
      description: 'adds verstat (3GPP TS 24.229 §7.2A.20) to P-Asserted-Identity of a 302, from the attestation',
    }),
    language: closed(['en', 'fr'], 'of the texts in Reason', 'en'),
    contact: Type.String({
      default: '',
      maxLength: 200,
      pattern: '^$|^[!#-\\[\\]-~]*$',
      description: 'https: URL, mailto: or tel: for redress in the Reason of a 603+',
    }),
    peerHeader: Type.String({
      default: '',
      pattern: '^$|^[A-Za-z0-9-]{1,64}$',
      description:
        'header in which the proxy tells the source address of the call, such as X-Source; empty asks for none',
    }),
    marker: Type.Boolean({
      default: true,
      description: 'marks the way on in a URI parameter, so that a call that comes back is seen to loop (482)',
    }),
    secret: Type.String({
      default: '',
      maxLength: 256,
      description:
        'the same for all redirect servers of an installation, so that one knows the marks of another; empty makes one up at the start',
    }),
    maxDiversions: Type.Integer({
      default: 10,
      minimum: 1,
      maximum: 100,
      description: 'History-Info entries (RFC 7044) or Diversions beyond which a call is taken to loop (482)',
    }),
    maxMessageBytes: Type.Integer({
      default: 16_384,
      minimum: 1_024,
      maximum: 65_535,
      description: 'longest request; longer ones are dropped',
    }),
    maxConnections: Type.Integer({ default: 256, minimum: 1, maximum: 65_535, description: 'TCP connections at once' }),
  },
  { description: 'SIP redirect server: answers INVITE and MESSAGE of proxies and switches that speak only SIP.' },
)

export type RedirectOptions = Static<typeof redirectSchema>
