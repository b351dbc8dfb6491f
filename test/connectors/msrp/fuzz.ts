import assert from 'node:assert/strict'
import { contentGate, contentReader } from '../../../connectors/messages/index.ts'
import { createMsrpObserver, createMsrpSessions } from '../../../connectors/msrp/index.ts'
import type { Envelope } from '../../../connectors/signal.ts'
import { plainIdentity } from '../../support/context.ts'
import { generator, heapMb, mutate } from '../messages/mutate.ts'

const A = 'msrp://a.example:7777/s1;tcp'
const B = 'msrp://b.example:8888/s2;tcp'
const send = (headers: string, body: string, flag = '$') =>
  `MSRP tid1abc SEND\r\nTo-Path: ${B}\r\nFrom-Path: ${A}\r\nMessage-ID: m1\r\n${headers}\r\n\r\n${body}\r\n-------tid1abc${flag}\r\n`
const seeds = [
  send('Content-Type: text/plain', 'hello'),
  send('Byte-Range: 1-4/8\r\nContent-Type: text/plain', 'part', '+'),
  send('Byte-Range: 5-8/8\r\nContent-Type: text/plain', 'more'),
  send('Content-Type: message/cpim', 'From: <im:a@b>\r\n\r\nContent-Type: text/plain\r\n\r\nx'),
  `MSRP d93kswow 200 OK\r\nTo-Path: ${A}\r\nFrom-Path: ${B}\r\n-------d93kswow$\r\n`,
].map(text => Buffer.from(text))

const envelope: Envelope = {
  timeMs: 0,
  source: '10.0.0.1',
  sourcePort: 7777,
  destination: '10.0.0.2',
  destinationPort: 8888,
  transport: 'tcp',
  correlationId: '',
}

/** Shows the observer that many damaged frames: it must not throw, still give messages, and hold no more at the end. */
export function damageMsrp(frames: number): void {
  const sdp = `v=0\r\nm=message 7777 TCP/MSRP *\r\na=path:${A}\r\n`
  const invite = Buffer.from(
    `INVITE sip:+44123@ims SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:+33123@ims>;tag=a\r\nTo: <sip:+44123@ims>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`,
  )
  const sessions = createMsrpSessions(plainIdentity, 100)
  sessions.observeSip(invite, 0, invite.length)
  let activities = 0
  let drops = 0
  const gate = contentGate({ policy: 'inspect', withoutConsent: 'none', jurisdictions: {} }, contentReader())
  const limits = { messages: 100, bytes: 100_000, waitMs: 1000 }
  const observer = createMsrpObserver({ name: 'cap', site: undefined }, sessions, gate, limits, {
    emit: () => activities++,
    dropped: () => drops++,
  })
  const next = generator(11)
  const out = new Uint8Array(8192)
  let early = 0
  for (let i = 0; i < frames; i++) {
    if (i === frames / 10) early = heapMb()
    const length = mutate(seeds[next() % seeds.length]!, out, next)
    envelope.timeMs = i
    observer.observe(out, 0, length, envelope)
    if (i % 100 === 0) {
      observer.advance(i)
      observer.gap(envelope)
    }
  }
  observer.close()
  assert.ok(activities > frames / 50, `${activities} activities`)
  assert.ok(drops > frames / 50, `${drops} drops`)
  assert.ok(heapMb() - early < 60, 'memory flat')
}
