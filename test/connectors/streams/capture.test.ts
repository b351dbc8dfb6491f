import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import smpp from 'smpp'
import { inspectRecording } from '../../../connectors/inspect/index.ts'
import { pcapRecording } from '../../../connectors/pcap/index.ts'
import { createSipObserver } from '../../../connectors/sip/index.ts'
import { createMessageObservers } from '../../../connectors/streams/index.ts'
import { plainIdentity, testContext } from '../../support/context.ts'
import { type Ends, ethernet, ipv4, pcapFile, tcp, udp } from '../../support/packets.ts'

let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-streams-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** Segments of one direction, `size` octets each, those whose index is in `lost` never captured. */
function stream(bytes: Buffer, size: number, ends: Required<Ends>, lost: readonly number[] = []): Buffer[] {
  const packets: Buffer[] = [
    ethernet(ipv4(tcp(Buffer.alloc(0), { ...ends, sequence: 999, flags: 'S' }), { ...ends, protocol: 6 })),
  ]
  for (let at = 0, i = 0; at < bytes.length; at += size, i++) {
    if (lost.includes(i)) continue
    packets.push(
      ethernet(ipv4(tcp(bytes.subarray(at, at + size), { ...ends, sequence: 1000 + at }), { ...ends, protocol: 6 })),
    )
  }
  return packets
}

const ends = (sourcePort: number, destinationPort: number): Required<Ends> => ({
  source: '10.0.0.1',
  destination: '10.0.0.2',
  sourcePort,
  destinationPort,
})

const submit = (sequence: number, text: string) =>
  new smpp.PDU('submit_sm', {
    source_addr: '33123',
    source_addr_ton: 1,
    destination_addr: '44123',
    dest_addr_ton: 1,
    short_message: text,
    sequence_number: sequence,
  }).toBuffer()

function sip(startLine: string, path: string): Buffer {
  const sdp = `v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 7777 TCP/MSRP *\r\na=path:${path}\r\n`
  return Buffer.from(
    `${startLine}\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:+33123@ims.example>;tag=a\r\nTo: <sip:+44123@ims.example>${startLine.startsWith('SIP') ? ';tag=b' : ''}\r\nCall-ID: call-1\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContact: <sip:+33123@10.0.0.1>\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`,
  )
}
const alice = 'msrp://10.0.0.1:7777/a1;tcp'
const bob = 'msrp://10.0.0.2:8888/b1;tcp'
const send = (id: string, text: string) =>
  Buffer.from(
    `MSRP ${id} SEND\r\nTo-Path: ${bob}\r\nFrom-Path: ${alice}\r\nMessage-ID: ${id}\r\nByte-Range: 1-${text.length}/${text.length}\r\nContent-Type: text/plain\r\n\r\n${text}\r\n-------${id}$\r\n`,
  )

const smppStream = Buffer.concat([
  submit(1, 'sms one'),
  submit(2, 'sms two'),
  submit(3, 'sms three'),
  submit(4, 'sms four'),
])
const msrpStream = Buffer.concat([send('tid1', 'msrp one'), send('tid2', 'msrp two'), send('tid3', 'msrp three')])
const xmppStream = Buffer.from(
  `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>${['one', 'two', 'three', 'four'].map(n => `<message from='a@x.org' to='b@y.org' id='${n}'><body>xmpp ${n}</body></message>`).join('')}`,
)

function capture(lost: readonly number[] = []): string {
  const path = join(folder, 'messages.pcap')
  const dialog = [sip('INVITE sip:+44123@ims.example SIP/2.0', alice), sip('SIP/2.0 200 OK', bob)].map(message =>
    ethernet(ipv4(udp(message, ends(5060, 5060)), ends(5060, 5060))),
  )
  writeFileSync(
    path,
    pcapFile([
      ...dialog,
      ...stream(smppStream, 50, ends(40_000, 2775), lost),
      ...stream(msrpStream, 90, ends(7777, 8888), lost),
      ...stream(xmppStream, 100, ends(40_001, 5269), lost),
    ]),
  )
  return path
}

async function read(path: string) {
  const context = testContext()
  const messages = createMessageObservers(context)
  const calls = createSipObserver({ tap: 'tap', identity: plainIdentity, emit: () => {}, counters: context.counters })
  const drops: string[] = []
  await pcapRecording.read(
    path,
    {
      signal(protocol, bytes, start, end, envelope) {
        if (protocol === 'sip') {
          messages.sip(bytes, start, end)
          calls.observe(bytes, start, end, envelope)
        } else if (protocol === 'smpp' || protocol === 'msrp' || protocol === 'xmpp') {
          messages[protocol].observe(bytes, start, end, envelope)
        }
      },
      activity: () => assert.fail('a capture holds signals'),
      dropped: reason => drops.push(reason),
    },
    { identity: plainIdentity, progress: () => {} },
  )
  for (const each of [messages.smpp, messages.msrp, messages.xmpp]) each.close()
  return { context, drops }
}

describe('a capture of message protocols over TCP', () => {
  it('gives every message, whatever the segments, with the parties of each protocol', async () => {
    const { context, drops } = await read(capture())
    assert.deepEqual(drops, [])
    assert.deepEqual(
      context
        .messages()
        .map(message => [message.protocol, message.from.party, message.to?.party, message.content?.text]),
      [
        ...['one', 'two', 'three', 'four'].map(n => ['smpp', '+33123', '+44123', `sms ${n}`]),
        ...['one', 'two', 'three'].map(n => ['msrp', '+33123', '+44123', `msrp ${n}`]),
        ...['one', 'two', 'three', 'four'].map(n => ['xmpp', 'a@x.org', 'b@y.org', `xmpp ${n}`]),
      ],
    )
    assert.equal(context.messages()[0]?.route.peer, '10.0.0.1')
    assert.equal(context.counters.dropped.size, 0)
  })

  it('loses no more than the messages that a lost segment touches', async () => {
    const { context, drops } = await read(capture([2]))
    assert.ok(drops.includes('tcp-gap'))
    const texts = context.messages().map(message => message.content?.text)
    assert.ok(texts.includes('sms four'), texts.join())
    assert.ok(texts.includes('msrp three'), texts.join())
    assert.ok(texts.includes('xmpp four'), texts.join())
    assert.ok(!texts.includes(undefined))
  })

  it('counts a length that lies, by protocol and reason, and goes on behind it', async () => {
    const path = join(folder, 'lying.pcap')
    const lie = submit(9, 'lie')
    lie.writeUInt32BE(0x7fff_ffff, 0)
    const bytes = Buffer.concat([submit(1, 'sms one'), lie, submit(2, 'sms two')])
    writeFileSync(path, pcapFile(stream(bytes, 500, ends(40_000, 2775))))
    const { context, drops } = await read(path)
    assert.ok(drops.includes('smpp-length-out-of-range'), drops.join())
    assert.deepEqual(
      context.messages().map(message => message.content?.text),
      ['sms one', 'sms two'],
    )
  })

  it('is inspected signal by signal', async () => {
    const lines: unknown[] = []
    await inspectRecording(
      capture(),
      ({ protocol, method, from, to, callId, valid }) => lines.push([protocol, method, from, to, callId, valid]),
      { identity: plainIdentity, progress: () => {}, dropped: () => {} },
    )
    assert.deepEqual(lines[2], ['smpp', 'submit_sm', '+33123', '+44123', '1', true])
    assert.deepEqual(lines[6], ['msrp', 'SEND', alice, bob, 'tid1', true])
    assert.ok(lines.some(line => JSON.stringify(line).includes('"xmpp","message","a@x.org","b@y.org"')))
  })
})
