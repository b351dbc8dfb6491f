import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { contentGate, contentReader } from '../../../connectors/messages/index.ts'
import {
  createFrameReader,
  createMsrpObserver,
  createMsrpSessions,
  endpointOf,
  type MsrpFrame,
  msrpOpens,
  sessionKey,
} from '../../../connectors/msrp/index.ts'
import type { Envelope } from '../../../connectors/signal.ts'
import type { Activity } from '../../../engine/activity/index.ts'
import { plainIdentity } from '../../support/context.ts'
import { damageMsrp } from './fuzz.ts'

const ALICE = 'msrp://alice.example:7777/iau39soe2843z;tcp'
const BOB = 'msrp://bob.example:8888/9di4eae923wzd;tcp'
const RELAY = 'msrps://relay.example:9000/hjdhfha;tcp'

const envelope: Envelope = {
  timeMs: 5000,
  source: '10.0.0.1',
  sourcePort: 7777,
  destination: '10.0.0.2',
  destinationPort: 8888,
  transport: 'tcp',
  correlationId: '',
}

let transaction = 0
function send(body: string | Buffer, headers: Record<string, string> = {}, flag = '$', from = ALICE, to = BOB): Buffer {
  const id = `tid${++transaction}abc`
  const lines = Object.entries({ 'Message-ID': 'm1', 'Content-Type': 'text/plain', ...headers })
  const head = `MSRP ${id} SEND\r\nTo-Path: ${to}\r\nFrom-Path: ${from}\r\n${lines.map(line => line.join(': ')).join('\r\n')}`
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(body), Buffer.from(`\r\n-------${id}${flag}\r\n`)])
}

const sdp = (path: string) =>
  `v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=message 7777 TCP/MSRP *\r\na=accept-types:text/plain message/cpim\r\na=path:${path}\r\n`
function sip(startLine: string, path: string): Buffer {
  const body = sdp(path)
  return Buffer.from(
    `${startLine}\r\nVia: SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:+33123@ims.example>;tag=a\r\nTo: <sip:+44123@ims.example>\r\nCall-ID: call-1\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContact: <sip:+33123@10.0.0.1>\r\nContent-Type: application/sdp\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
}

function setUp(limits = { messages: 10, bytes: 100_000, waitMs: 60_000 }, dialog = true) {
  const activities: Activity[] = []
  const drops: string[] = []
  const sessions = createMsrpSessions(plainIdentity, 100)
  if (dialog) {
    const invite = sip('INVITE sip:+44123@ims.example SIP/2.0', ALICE)
    sessions.observeSip(invite, 0, invite.length)
    const ok = sip('SIP/2.0 200 OK', `${RELAY} ${BOB}`)
    sessions.observeSip(ok, 0, ok.length)
  }
  const gate = contentGate({ policy: 'inspect', withoutConsent: 'none', jurisdictions: {} }, contentReader())
  const observer = createMsrpObserver({ name: 'cap', site: undefined }, sessions, gate, limits, {
    emit: activity => activities.push(activity),
    dropped: reason => drops.push(reason),
  })
  const see = (bytes: Buffer, more: Partial<Envelope> = {}) =>
    observer.observe(bytes, 0, bytes.length, { ...envelope, ...more })
  const messages = () =>
    activities.filter((a): a is Extract<Activity, { kind: 'message' }> => a.kind === 'message' && a.role === 'origin')
  return { activities, drops, sessions, observer, see, messages }
}

function frames(stream: Buffer, steps: readonly number[] = [stream.length], inStep = true) {
  const seen: MsrpFrame[] = []
  const drops: string[] = []
  const reader = createFrameReader({ frame: frame => seen.push(frame), dropped: reason => drops.push(reason) }, inStep)
  let at = 0
  for (let i = 0; at < stream.length; i++) {
    const end = Math.min(stream.length, at + steps[i % steps.length]!)
    reader.push(stream, at, end)
    at = end
  }
  return { seen, drops, reader }
}

describe('MSRP framing', () => {
  it('gives the same frames however the stream is cut, end lines inside bodies included', () => {
    const tricky = 'text\r\n-------tid0abc$\r\nMSRP x SEND\r\n-------'
    const response = Buffer.from(
      `MSRP d93kswow 200 OK\r\nTo-Path: ${ALICE}\r\nFrom-Path: ${BOB}\r\n-------d93kswow$\r\n`,
    )
    const stream = Buffer.concat([send(tricky), response, send('', {}, '+'), send(Buffer.from([0, 255, 13, 10]))])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 50 }), steps => {
        const { seen, drops, reader } = frames(stream, steps)
        assert.deepEqual(drops, [])
        assert.deepEqual(
          seen.map(frame => [frame.method, frame.status, frame.flag, frame.body.toString('latin1')]),
          [
            ['SEND', 0, '$', tricky],
            ['', 200, '$', ''],
            ['SEND', 0, '+', ''],
            ['SEND', 0, '$', '\0\xff\r\n'],
          ],
        )
        assert.equal(reader.held, 0)
      }),
    )
  })

  it('keeps the beginning of a long body and passes over the rest', () => {
    const { seen, reader } = frames(send(Buffer.alloc(2_000_000, 0x61)), [10_000])
    assert.equal(seen[0]?.bodyBytes, 2_000_000)
    assert.equal(seen[0]?.body.length, 65_536)
    assert.equal(reader.held, 0)
  })

  it('finds the next frame in the middle of a stream, after a gap, and after damage', () => {
    const middle = frames(Buffer.concat([send('cut').subarray(30), send('after')]), [11], false)
    assert.deepEqual(
      middle.seen.map(frame => frame.body.toString()),
      ['after'],
    )
    const damaged = frames(Buffer.concat([Buffer.from('MSRP tid1 SEND\r\nno colon\r\n\r\n'), send('after')]))
    assert.ok(damaged.drops.includes('header line broken'))
    assert.equal(damaged.seen.length, 1)
    const endless = frames(
      Buffer.concat([
        Buffer.from(`MSRP tid1 SEND\r\nX: ${'y'.repeat(40_000)}`),
        Buffer.from('\r\n\r\n'),
        send('after'),
      ]),
      [1000],
    )
    assert.ok(endless.drops.includes('head too long'))
    assert.equal(endless.seen.length, 1)
  })

  it('recognises a stream by its first octets', () => {
    const frame = send('x')
    assert.equal(msrpOpens(frame, 0, frame.length), 'yes')
    assert.equal(msrpOpens(frame, 0, 3), 'more')
    assert.equal(msrpOpens(Buffer.from('MESSAGE sip:'), 0, 12), 'no')
  })
})

describe('MSRP paths', () => {
  it('are compared as RFC 4975 §6.1 says', () => {
    assert.equal(sessionKey('MSRP://Alice@Host.Example:7777/Abc;TCP'), sessionKey('msrp://host.example:7777/Abc;tcp'))
    assert.equal(sessionKey('msrp://host/Abc;tcp'), sessionKey('msrp://host:2855/Abc;tcp;x=y'))
    assert.notEqual(sessionKey('msrp://host/Abc;tcp'), sessionKey('msrp://host/abc;tcp'))
    assert.equal(sessionKey('http://host/abc'), undefined)
    assert.equal(endpointOf(`${RELAY} ${BOB}`), sessionKey(BOB))
  })
})

describe('the MSRP observer', () => {
  it('takes parties and Call-ID from the dialog whose SDP named the endpoints, relays passed over', () => {
    const { see, messages, drops } = setUp()
    see(send('hello', {}, '$', `${RELAY} ${ALICE}`, BOB))
    see(send('hi', { 'Message-ID': 'm2' }, '$', BOB, ALICE), {
      source: '10.0.0.2',
      sourcePort: 8888,
      destination: '10.0.0.1',
      destinationPort: 7777,
    })
    assert.deepEqual(drops, [])
    assert.deepEqual(
      messages().map(message => [message.from.party, message.to?.party, message.callId, message.content?.text]),
      [
        ['+33123', '+44123', 'call-1', 'hello'],
        ['+44123', '+33123', 'call-1', 'hi'],
      ],
    )
  })

  it('joins chunks by their byte ranges in any order', () => {
    const text = Buffer.from('Длинное сообщение 🎁 '.repeat(20))
    const cuts = [0, 100, 201, 300, text.length]
    const chunk = (i: number) =>
      send(
        text.subarray(cuts[i]!, cuts[i + 1]!),
        { 'Byte-Range': `${cuts[i]! + 1}-${i === 1 ? '*' : cuts[i + 1]!}/${text.length}` },
        i === 3 ? '$' : '+',
      )
    for (const order of [
      [0, 1, 2, 3],
      [0, 3, 2, 1],
      [2, 0, 0, 1, 3],
    ]) {
      const { see, messages, drops } = setUp()
      for (const i of order) see(chunk(i))
      assert.deepEqual(drops, [])
      assert.deepEqual(
        messages().map(message => message.content?.text),
        [text.toString()],
      )
    }
  })

  it('forgets a message that its sender gives up, and gives out what came of one that stops', () => {
    const { see, messages, drops, observer } = setUp()
    see(send('part', { 'Byte-Range': '1-4/100' }, '+'))
    see(send('', { 'Byte-Range': '5-*/100' }, '#'))
    see(send('begun', { 'Message-ID': 'm2', 'Byte-Range': '1-5/100' }, '+'))
    observer.advance(envelope.timeMs + 60_000)
    assert.deepEqual(drops, ['message given up by its sender', 'parts missing'])
    assert.deepEqual(
      messages().map(message => message.content?.text),
      ['begun'],
    )
  })

  it('holds no more than its limits', () => {
    const { see, messages } = setUp({ messages: 3, bytes: 1000, waitMs: 60_000 })
    for (let i = 0; i < 20; i++) see(send('x'.repeat(100), { 'Message-ID': `m${i}`, 'Byte-Range': '1-100/200' }, '+'))
    assert.equal(messages().length, 17)
  })

  it('reads what CPIM holds, and leaves notifications out', () => {
    const { see, messages, drops } = setUp()
    const cpim = (type: string, body: string) =>
      send(
        `From: <sip:anonymous@anonymous.invalid>\r\nTo: <sip:anonymous@anonymous.invalid>\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: Abc123\r\n\r\nContent-Type: ${type}\r\n\r\n${body}`,
        { 'Content-Type': 'message/cpim' },
      )
    see(cpim('text/plain;charset=utf-8', 'مرحبا'))
    see(cpim('message/imdn+xml', '<imdn/>'))
    see(send('<isComposing/>', { 'Content-Type': 'application/im-iscomposing+xml' }))
    see(send(Buffer.from([1, 2]), { 'Content-Type': 'image/png', 'Message-ID': 'm9' }))
    assert.deepEqual(
      messages().map(message => message.content),
      [{ type: 'text/plain', text: 'مرحبا' }, { type: 'image/png' }],
    )
    assert.deepEqual(drops, ['notification', 'notification'])
  })

  it('counts messages of a session that no dialog named', () => {
    const { see, drops, activities } = setUp(undefined, false)
    see(send('hello'))
    see(Buffer.from('MSRP tid1 SEND\r\nMessage-ID: x\r\n-------tid1$\r\n'))
    assert.deepEqual(drops, ['no dialog for the session', 'no path'])
    assert.equal(activities.length, 0)
  })

  it('remembers no more endpoints than it may', () => {
    const { sessions } = setUp()
    for (let i = 0; i < 500; i++) {
      const invite = sip('INVITE sip:+44123@ims.example SIP/2.0', `msrp://host:1/${i};tcp`)
      sessions.observeSip(invite, 0, invite.length)
    }
    assert.equal(sessions.size, 100)
    assert.ok(sessions.find('msrp://host:1/499;tcp'))
    assert.equal(sessions.find('msrp://host:1/399;tcp'), undefined)
  })

  it('neither stops nor fills on a hundred thousand damaged frames', () => damageMsrp(100_000))
})
