import { hep3 } from '../support/hep.ts'

/** A packet whose Call-ID (and branches) hold a counter that the sender writes anew for every call. */
export interface TrafficTemplate {
  readonly bytes: Buffer
  /** Where each eight-digit counter stands. */
  readonly counters: readonly number[]
}

const COUNTER = '00000000'

const SDP = [
  'v=0',
  'o=- 3848739 3848739 IN IP4 192.0.2.10',
  's=-',
  'c=IN IP4 192.0.2.10',
  't=0 0',
  'm=audio 49170 RTP/AVP 8 0 101',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:20',
  'a=sendrecv',
  '',
].join('\r\n')

export interface Line {
  readonly start: string
  readonly cseq: string
  readonly answer: boolean
  readonly extra?: readonly string[]
  readonly body?: string
}

/** An answered call as an SBC shows it: INVITE, 100, 180, 200, ACK, BYE, 200. */
export const ANSWERED: readonly Line[] = [
  {
    start: 'INVITE sip:+14155550100@ims.example.net;user=phone SIP/2.0',
    cseq: '1 INVITE',
    answer: false,
    extra: [
      'P-Asserted-Identity: "Alice" <sip:+33123456789@ims.example.net;user=phone>',
      'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE, INFO, UPDATE, PRACK',
      'Supported: 100rel, timer, replaces',
      'Session-Expires: 1800;refresher=uac',
    ],
    body: SDP,
  },
  { start: 'SIP/2.0 100 Trying', cseq: '1 INVITE', answer: false },
  { start: 'SIP/2.0 180 Ringing', cseq: '1 INVITE', answer: true },
  { start: 'SIP/2.0 200 OK', cseq: '1 INVITE', answer: true, body: SDP },
  { start: 'ACK sip:+14155550100@192.0.2.20:5060 SIP/2.0', cseq: '1 ACK', answer: true },
  { start: 'BYE sip:+14155550100@192.0.2.20:5060 SIP/2.0', cseq: '2 BYE', answer: true },
  { start: 'SIP/2.0 200 OK', cseq: '2 BYE', answer: true },
]

const REFUSED: readonly Line[] = [
  ANSWERED[0]!,
  ANSWERED[1]!,
  { start: 'SIP/2.0 486 Busy Here', cseq: '1 INVITE', answer: true },
  { start: 'ACK sip:+14155550100@ims.example.net;user=phone SIP/2.0', cseq: '1 ACK', answer: true },
]

const REGISTERED: readonly Line[] = [
  { start: 'REGISTER sip:ims.example.net SIP/2.0', cseq: '1 REGISTER', answer: false, extra: ['Expires: 3600'] },
  { start: 'SIP/2.0 401 Unauthorized', cseq: '1 REGISTER', answer: true },
  {
    start: 'REGISTER sip:ims.example.net SIP/2.0',
    cseq: '2 REGISTER',
    answer: false,
    extra: [
      'Authorization: Digest username="alice", realm="ims.example.net", nonce="84a4cc6f3082121f32b42a2187831a9e", uri="sip:ims.example.net", response="7587245234b3434cc3412213e5f113a5"',
      'Expires: 3600',
    ],
  },
  { start: 'SIP/2.0 200 OK', cseq: '2 REGISTER', answer: true },
]

export const TEXTED: readonly Line[] = [
  {
    start: 'MESSAGE sip:+14155550100@ims.example.net SIP/2.0',
    cseq: '1 MESSAGE',
    answer: false,
    extra: ['Content-Type: text/plain'],
    body: 'See you at eight in front of the station',
  },
  { start: 'SIP/2.0 200 OK', cseq: '1 MESSAGE', answer: true },
]

/** What an ordinary minute of signalling is made of: five answered calls, three refused, two registrations, two messages. */
export function trafficTemplates(): TrafficTemplate[] {
  const scripts = [
    ANSWERED,
    REFUSED,
    ANSWERED,
    REGISTERED,
    ANSWERED,
    TEXTED,
    REFUSED,
    ANSWERED,
    REGISTERED,
    ANSWERED,
    TEXTED,
    REFUSED,
  ]
  return scripts.flatMap((lines, script) => lines.map(line => template(line, script)))
}

/** A line of a script as a packet. */
export function template(line: Line, script: number): TrafficTemplate {
  const party = `+3312345${String(6000 + script)}`
  const sip = [
    line.start,
    `Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK${script}-${COUNTER}-${line.cseq.replace(' ', '')};rport`,
    `From: "Alice" <sip:${party}@ims.example.net;user=phone>;tag=f${script}`,
    `To: <sip:+14155550100@ims.example.net;user=phone>${line.answer ? ';tag=t1' : ''}`,
    `Call-ID: ${script}-${COUNTER}@192.0.2.10`,
    `CSeq: ${line.cseq}`,
    'Contact: <sip:192.0.2.10:5060;transport=udp>',
    'Max-Forwards: 70',
    'User-Agent: Example SBC 7.4.2',
    ...(line.extra ?? []),
    ...(line.body === SDP ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${line.body?.length ?? 0}`,
    '',
    line.body ?? '',
  ].join('\r\n')
  const bytes = hep3(Buffer.from(sip), { timeMs: 0, correlationId: `${script}-${COUNTER}@192.0.2.10` })
  const counters: number[] = []
  for (let at = bytes.indexOf(`-${COUNTER}`); at >= 0; at = bytes.indexOf(`-${COUNTER}`, at + 1)) counters.push(at + 1)
  return { bytes, counters }
}

/** Writes the counter of the next round of calls into a packet. */
export function stamp(template: TrafficTemplate, round: number): void {
  for (const at of template.counters) {
    let rest = round
    for (let i = 7; i >= 0; i--) {
      template.bytes[at + i] = 0x30 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
  }
}
