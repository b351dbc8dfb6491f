/**
 * Messages of the kinds that real captures hold (soft phones, an IMS core, a registrar, trunks): initial INVITE with SDP and
 * asserted identity, the same after two proxies, provisional and final responses, ACK, PRACK, BYE, CANCEL and its 487,
 * REGISTER with challenge, OPTIONS, MESSAGE, compact forms. Addresses and numbers are from the documentation ranges.
 */

const sdp = [
  'v=0',
  'o=- 105015165 105015162 IN IP4 198.51.100.2',
  's=SIP call',
  'c=IN IP4 198.51.100.2',
  't=0 0',
  'm=audio 30000 RTP/AVP 0 8 97 2 3',
  'a=rtpmap:0 pcmu/8000',
  'a=rtpmap:8 pcma/8000',
  'a=rtpmap:97 iLBC/8000',
  'a=rtpmap:2 G726-32/8000',
  'a=rtpmap:3 GSM/8000',
  'a=fmtp:97 mode=20',
  'a=sendrecv',
  '',
].join('\r\n')

/** What one exchange puts into its messages. */
export interface Names {
  readonly callId: string
  readonly from: string
  readonly to: string
  readonly fromTag: string
  readonly toTag: string
  readonly branch: string
}

function message(startLine: string, headers: readonly string[], body = ''): Buffer {
  return Buffer.from([startLine, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'))
}

function dialog(n: Names, toTag: string, cseq: string): string[] {
  return [
    `From: "Alice Example" <sip:${n.from}@ims.example.net;user=phone>;tag=${n.fromTag}`,
    `To: <sip:${n.to}@ims.example.net;user=phone>${toTag === '' ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${n.callId}`,
    `CSeq: ${cseq}`,
  ]
}

const ua = 'User-Agent: ExamplePhone/4.2.1 (Android 14; build 220)'
const allow = 'Allow: INVITE, ACK, CANCEL, BYE, REFER, OPTIONS, NOTIFY, INFO, PRACK, UPDATE, MESSAGE'
const via = (n: Names, suffix = '') => `Via: SIP/2.0/UDP 198.51.100.2:5060;branch=z9hG4bK${n.branch}${suffix};rport`
const received = (n: Names, suffix = '') =>
  `Via: SIP/2.0/UDP 198.51.100.2:5060;branch=z9hG4bK${n.branch}${suffix};received=203.0.113.70;rport=5060`
const credentials =
  'Authorization: Digest username="alice", realm="ims.example.net", nonce="43c6612a0000e7a9", uri="sip:ims.example.net", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", algorithm=MD5'

/** The messages of one answered call, in order. */
function callOf(n: Names): Buffer[] {
  const uri = `sip:${n.to}@ims.example.net;user=phone`
  return [
    message(
      `INVITE ${uri} SIP/2.0`,
      [
        via(n),
        'Max-Forwards: 70',
        'Route: <sip:pcscf.ims.example.net;lr>, <sip:orig@scscf.ims.example.net;lr>',
        ...dialog(n, '', '1 INVITE'),
        `Contact: <sip:${n.from}@198.51.100.2:5060;transport=udp>;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel"`,
        `P-Asserted-Identity: "Alice Example" <sip:${n.from}@ims.example.net>, <tel:${n.from}>`,
        'P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=2080100010000001',
        'Supported: 100rel, timer, path',
        'Session-Expires: 1800;refresher=uac',
        ua,
        allow,
        'Content-Type: application/sdp',
      ],
      sdp,
    ),
    message('SIP/2.0 100 Trying', [received(n), ...dialog(n, '', '1 INVITE')]),
    message(
      `INVITE ${uri} SIP/2.0`,
      [
        `Via: SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bK${n.branch}.p1, SIP/2.0/UDP 203.0.113.8;branch=z9hG4bK${n.branch}.p0`,
        received(n),
        'Record-Route: <sip:203.0.113.9;lr;ftag=x>, <sip:203.0.113.8;lr>',
        'Max-Forwards: 68',
        ...dialog(n, '', '1 INVITE'),
        `Contact: <sip:${n.from}@198.51.100.2:5060>`,
        `P-Asserted-Identity: <tel:${n.from}>`,
        `History-Info: <${uri}>;index=1`,
        ua,
        'Content-Type: application/sdp',
      ],
      sdp,
    ),
    message('SIP/2.0 183 Session Progress', [
      received(n),
      ...dialog(n, n.toTag, '1 INVITE'),
      'Require: 100rel',
      'RSeq: 1',
      allow,
    ]),
    message(`PRACK ${uri} SIP/2.0`, [
      via(n, 'pr'),
      'Max-Forwards: 70',
      ...dialog(n, n.toTag, '2 PRACK'),
      'RAck: 1 1 INVITE',
      ua,
    ]),
    message('SIP/2.0 200 OK', [received(n, 'pr'), ...dialog(n, n.toTag, '2 PRACK')]),
    message('SIP/2.0 180 Ringing', [
      received(n),
      ...dialog(n, n.toTag, '1 INVITE'),
      'Contact: <sip:bob@192.0.2.4>',
      allow,
    ]),
    message(
      'SIP/2.0 200 OK',
      [
        received(n),
        ...dialog(n, n.toTag, '1 INVITE'),
        'Contact: <sip:bob@192.0.2.4:5060>',
        'Server: ExampleSBC/7',
        'Session-Expires: 1800;refresher=uac',
        'Content-Type: application/sdp',
      ],
      sdp,
    ),
    message(`ACK ${uri} SIP/2.0`, [via(n, 'a'), 'Max-Forwards: 70', ...dialog(n, n.toTag, '1 ACK'), ua]),
    message(`BYE ${uri} SIP/2.0`, [
      via(n, 'b'),
      'Max-Forwards: 70',
      ...dialog(n, n.toTag, '3 BYE'),
      'Reason: Q.850;cause=16;text="Normal call clearing"',
      ua,
    ]),
    message('SIP/2.0 200 OK', [received(n, 'b'), ...dialog(n, n.toTag, '3 BYE')]),
  ]
}

/** An abandoned call: rung, cancelled, 487. */
function abandonedOf(n: Names): Buffer[] {
  const uri = `sip:${n.to}@ims.example.net`
  return [
    message(
      `INVITE ${uri} SIP/2.0`,
      [
        via(n),
        'Max-Forwards: 70',
        ...dialog(n, '', '1 INVITE'),
        `Contact: <sip:${n.from}@198.51.100.2>`,
        ua,
        allow,
        'Content-Type: application/sdp',
      ],
      sdp,
    ),
    message('SIP/2.0 180 Ringing', [received(n), ...dialog(n, n.toTag, '1 INVITE')]),
    message(`CANCEL ${uri} SIP/2.0`, [via(n), 'Max-Forwards: 70', ...dialog(n, '', '1 CANCEL')]),
    message('SIP/2.0 200 Cancelling', [received(n), ...dialog(n, n.toTag, '1 CANCEL')]),
    message('SIP/2.0 487 Request Terminated', [received(n), ...dialog(n, n.toTag, '1 INVITE')]),
    message(`ACK ${uri} SIP/2.0`, [via(n), 'Max-Forwards: 70', ...dialog(n, n.toTag, '1 ACK')]),
  ]
}

/** A registration with its challenge. */
function registrationOf(n: Names): Buffer[] {
  const register = (cseq: number, extra: string[]) =>
    message('REGISTER sip:ims.example.net SIP/2.0', [
      via(n, String(cseq)),
      'Max-Forwards: 70',
      ...dialog(n, '', `${cseq} REGISTER`),
      'Contact: <sip:alice@198.51.100.2:5060;line=aca6b97ca3f5e51a>;q=0.500;expires=1200',
      ua,
      ...extra,
    ])
  return [
    register(1, []),
    message('SIP/2.0 401 Unauthorized', [
      received(n, '1'),
      ...dialog(n, n.toTag, '1 REGISTER'),
      'WWW-Authenticate: Digest realm="ims.example.net", nonce="43c6612a0000e7a9", qop="auth", algorithm=MD5',
    ]),
    register(2, [credentials]),
    message('SIP/2.0 200 OK', [
      received(n, '2'),
      ...dialog(n, n.toTag, '2 REGISTER'),
      'Contact: <sip:alice@198.51.100.2:5060>;expires=1200',
      `P-Associated-URI: <sip:${n.from}@ims.example.net>`,
    ]),
  ]
}

/** A page-mode message, a keep-alive OPTIONS, and a call attempt in compact forms. */
function othersOf(n: Names): Buffer[] {
  return [
    message(
      `MESSAGE sip:${n.to}@ims.example.net SIP/2.0`,
      [via(n), 'Max-Forwards: 70', ...dialog(n, '', '7 MESSAGE'), ua, 'Content-Type: text/plain;charset=UTF-8'],
      'On se retrouve à midi devant la gare ?',
    ),
    message('SIP/2.0 200 OK', [received(n), ...dialog(n, n.toTag, '7 MESSAGE')]),
    message('OPTIONS sip:203.0.113.9 SIP/2.0', [
      via(n, 'o'),
      'Max-Forwards: 70',
      ...dialog(n, '', '9 OPTIONS'),
      'Accept: application/sdp',
      ua,
    ]),
    message('SIP/2.0 200 OK', [received(n, 'o'), ...dialog(n, n.toTag, '9 OPTIONS'), allow]),
    Buffer.from(
      [
        `INVITE sip:${n.to}@192.0.2.9 SIP/2.0`,
        `v: SIP/2.0/UDP 198.51.100.2;branch=z9hG4bK${n.branch}c`,
        'Max-Forwards: 70',
        `f: <sip:${n.from}@192.0.2.7>;tag=${n.fromTag}c`,
        `t: <sip:${n.to}@192.0.2.9>`,
        `i: ${n.callId}c`,
        'CSeq: 1 INVITE',
        'm: <sip:alice@198.51.100.2>',
        'c: application/sdp',
        `l: ${sdp.length}`,
        '',
        sdp,
      ].join('\r\n'),
    ),
    message('SIP/2.0 404 Not Found', [
      `Via: SIP/2.0/UDP 198.51.100.2;branch=z9hG4bK${n.branch}c`,
      `From: <sip:${n.from}@192.0.2.7>;tag=${n.fromTag}c`,
      `To: <sip:${n.to}@192.0.2.9>;tag=${n.toTag}`,
      `Call-ID: ${n.callId}c`,
      'CSeq: 1 INVITE',
    ]),
  ]
}

/** Names of the i-th exchange: Call-IDs, tags and branches of usual length. */
export function namesOf(i: number): Names {
  const hex = (i * 2_654_435_761 + 0x9e37_79b9).toString(16).padStart(10, '0')
  return {
    callId: `${hex}-446faf7a-${i}@198.51.100.2`,
    from: `+3314456${String(i % 10_000).padStart(4, '0')}`,
    to: `+3361234${String((i * 7) % 10_000).padStart(4, '0')}`,
    fromTag: `6433ef9${i.toString(36)}`,
    toTag: `00-04081-${hex}`,
    branch: `np${hex}${i}`,
  }
}

/** All messages of `exchanges` of each kind, interleaved: a call, an abandoned one, a registration and others in turn. */
export function mixedCorpus(exchanges: number): Buffer[] {
  const messages: Buffer[] = []
  for (let i = 0; i < exchanges; i++) {
    messages.push(...callOf(namesOf(4 * i)), ...abandonedOf(namesOf(4 * i + 1)))
    messages.push(...registrationOf(namesOf(4 * i + 2)), ...othersOf(namesOf(4 * i + 3)))
  }
  return messages
}
