import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import smpp from 'smpp'
import { type ChatOptions, chatConnector } from '../../connectors/chat/index.ts'
import type { TapContext } from '../../connectors/connector.ts'
import { type RecordsOptions, recordsConnector } from '../../connectors/records/index.ts'
import type { Envelope } from '../../connectors/signal.ts'
import { sipDefaults } from '../../connectors/sip/index.ts'
import { type SmppOptions, smppConnector } from '../../connectors/smpp/index.ts'
import { createMessageObservers, messageProtocols } from '../../connectors/streams/index.ts'
import { type Activity, keyOf } from '../../engine/activity/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { createOutbox, openEmbeddedLog } from '../../engine/log/index.ts'
import { tapCounters } from '../../engine/observe/index.ts'
import { activityRecord } from '../../engine/runtime/index.ts'
import { silent } from '../support/context.ts'

const SENDERS = 2000
const text = (i: number) => `Message ${i}: see you at the station at ${i % 24}:00, bring the tickets please`
const number = (i: number) => `33612${String(i % SENDERS).padStart(6, '0')}`

/** Gives a tap all of its messages; resolves when it has taken them. */
type Feed = (context: TapContext) => Promise<void>

const envelope: Envelope = {
  timeMs: 1_764_000_000_000,
  source: '10.0.0.1',
  sourcePort: 40_000,
  destination: '10.0.0.2',
  destinationPort: 2775,
  transport: 'tcp',
  correlationId: '',
}

function submits(count: number): Buffer {
  const pdus: Buffer[] = []
  for (let i = 0; i < count; i++) {
    const from = { source_addr: number(i), source_addr_ton: 1, source_addr_npi: 1 }
    const to = { destination_addr: number(i * 7 + 1), dest_addr_ton: 1, dest_addr_npi: 1 }
    pdus.push(new smpp.PDU('submit_sm', { ...from, ...to, short_message: text(i), sequence_number: i + 1 }).toBuffer())
  }
  return Buffer.concat(pdus)
}

/** The stream in segments of 1,448 octets through the consumer that captures use. */
function captured(protocol: 'smpp' | 'msrp' | 'xmpp', stream: Buffer, dialog?: Buffer): Feed {
  return async context => {
    const observers = createMessageObservers(context)
    if (dialog !== undefined) observers.sip(dialog, 0, dialog.length)
    const frames = messageProtocols
      .find(each => each.protocol === protocol)!
      .frames(
        (bytes, start, end) => observers[protocol].observe(bytes, start, end, envelope),
        () => {},
      )
    for (let at = 0; at < stream.length; at += 1448) {
      frames.push(stream, at, Math.min(stream.length, at + 1448))
      if ((at / 1448) % 64 === 0 && context.congested()) await context.durable()
    }
    observers[protocol].close()
  }
}

function msrp(count: number): { stream: Buffer; dialog: Buffer } {
  const path = (side: string) => `msrp://10.0.0.1:7777/${side};tcp`
  const parts: string[] = []
  for (let i = 0; i < count; i++) {
    const body = text(i)
    parts.push(
      `MSRP tr${i}x SEND\r\nTo-Path: ${path('b')}\r\nFrom-Path: ${path('a')}\r\nMessage-ID: m${i}\r\nByte-Range: 1-${body.length}/${body.length}\r\nContent-Type: text/plain\r\n\r\n${body}\r\n-------tr${i}x$\r\n`,
    )
  }
  const sdp = `v=0\r\nm=message 7777 TCP/MSRP *\r\na=path:${path('a')}\r\n`
  const dialog = `INVITE sip:+44123@ims SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:+33123@ims>;tag=a\r\nTo: <sip:+44123@ims>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`
  return { stream: Buffer.from(parts.join('')), dialog: Buffer.from(dialog) }
}

function xmpp(count: number): Buffer {
  const parts = [
    "<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>",
  ]
  for (let i = 0; i < count; i++) {
    parts.push(
      `<message from='u${i % SENDERS}@x.org/phone' to='u${i % 97}@y.org' type='chat' id='${i}'><body>${text(i)}</body></message>`,
    )
  }
  return Buffer.from(parts.join(''))
}

/** Through the proxy's sockets: a client writes the stream, a server swallows it. */
function smppProxy(stream: Buffer): Feed {
  return async context => {
    const server = createServer(socket => socket.resume()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const tap = await smppConnector.open(
      {
        ...(Value.Default(smppConnector.schema, {}) as SmppOptions),
        host: '127.0.0.1',
        port: 0,
        upstreamPort: (server.address() as AddressInfo).port,
      },
      // What is forwarded is measured as well as what is seen: nothing is left out for congestion here.
      { ...context, congested: () => false },
    )
    const client = connect(Number(tap.address.split(':').at(-1)), '127.0.0.1')
    client.end(stream)
    client.resume()
    await once(client, 'close')
    await tap.close()
    server.close()
  }
}

function chatWebhook(count: number): Feed {
  const batch = 1000
  const bodies: string[] = []
  for (let at = 0; at < count; at += batch) {
    const messages = Array.from({ length: batch }, (_, i) => ({
      id: `m${at + i}`,
      from: `+${number(at + i)}`,
      to: `+${number(at + i * 7 + 1)}`,
      text: text(at + i),
    }))
    bodies.push(JSON.stringify({ messages }))
  }
  return async context => {
    const token = 'a-token-for-the-bench'
    const options = {
      ...(Value.Default(chatConnector.schema, {}) as ChatOptions),
      port: 0,
      tokens: [{ name: 'bench', token }],
    }
    const tap = await chatConnector.open(options, { ...context, congested: () => false })
    const headers = { authorization: `Bearer ${token}` }
    for (const body of bodies) {
      const response = await fetch(`http://${tap.address}/v1/messages`, { method: 'POST', headers, body })
      if (response.status !== 200) throw new Error(`status ${response.status}`)
      await response.text()
    }
    await tap.close()
  }
}

function recordsFile(count: number): Feed {
  const lines = ['time,kind,from,to,duration,outcome,text\n']
  for (let i = 0; i < count; i++) {
    lines.push(
      `${new Date(1_764_000_000_000 + i).toISOString()},message,+${number(i)},+${number(i * 7 + 1)},,,"${text(i)}"\n`,
    )
  }
  return async context => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-bench-'))
    const path = join(folder, 'records.csv')
    writeFileSync(path, lines.join(''))
    const options = { ...(Value.Default(recordsConnector.schema, {}) as RecordsOptions), source: 'file' as const, path }
    const tap = await recordsConnector.open(options, context)
    await tap.finished
    rmSync(folder, { recursive: true })
  }
}

interface Figures {
  readonly decodedPerSecond: number
  readonly intoLogPerSecond: number
}

/** Messages a second of this process's CPU time, decoding alone and with the embedded log behind. */
async function measure(count: number, feed: Feed): Promise<Figures> {
  const identity = createIdentity({ defaultCountry: 'FR' })
  const base = { name: 'bench', site: undefined, identity, sip: sipDefaults, logger: silent, now: Date.now }
  const run = async (emit: (activity: Activity) => void, durable: () => Promise<void>, congested: () => boolean) => {
    const counters = tapCounters()
    const before = process.cpuUsage()
    await feed({ ...base, counters, emit, durable, congested })
    await durable()
    const { user, system } = process.cpuUsage(before)
    if (counters.activities !== count * 2) throw new Error(`${counters.activities} activities of ${count} messages`)
    return Math.round(count / ((user + system) / 1e6))
  }
  let decodedPerSecond = 0
  for (let i = 0; i < 3; i++)
    decodedPerSecond = Math.max(
      decodedPerSecond,
      await run(
        () => {},
        async () => {},
        () => false,
      ),
    )
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-bench-'))
  const log = await openEmbeddedLog({ directory, partitions: 8 })
  const outbox = createOutbox({ log, queueBytes: 256 * 1024 * 1024 })
  const intoLogPerSecond = await run(
    activity => outbox.emit(activityRecord(activity, keyOf(activity))),
    outbox.durable,
    outbox.congested,
  )
  await outbox.close()
  await log.close()
  rmSync(directory, { recursive: true, force: true })
  return { decodedPerSecond, intoLogPerSecond }
}

/** Time that a round trip takes longer through the proxy than without it, over loopback, in milliseconds. */
async function addedByProxy(): Promise<Record<string, number>> {
  const echo = createServer(socket => socket.setNoDelay(true).pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const upstreamPort = (echo.address() as AddressInfo).port
  const counters = tapCounters()
  const context = {
    name: 'b',
    site: undefined,
    identity: createIdentity({}),
    sip: sipDefaults,
    logger: silent,
    now: Date.now,
    counters,
  }
  const tap = await smppConnector.open(
    { ...(Value.Default(smppConnector.schema, {}) as SmppOptions), host: '127.0.0.1', port: 0, upstreamPort },
    { ...context, emit: () => {}, durable: async () => {}, congested: () => false },
  )
  const pdu = submits(1)
  const trips = async (port: number) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true)
    await once(socket, 'connect')
    const times: number[] = []
    for (let i = 0; i < 2000; i++) {
      const began = performance.now()
      socket.write(pdu)
      let left = pdu.length
      while (left > 0) left -= ((await once(socket, 'data')) as [Buffer])[0].length
      times.push(performance.now() - began)
    }
    socket.destroy()
    return times.sort((a, b) => a - b)
  }
  const direct = await trips(upstreamPort)
  const proxied = await trips(Number(tap.address.split(':').at(-1)))
  await tap.close()
  echo.close()
  const at = (times: readonly number[], share: number) => times[Math.floor(times.length * share)]!
  const added = (share: number) => Math.round((at(proxied, share) - at(direct, share)) * 1000) / 1000
  return { p50: added(0.5), p99: added(0.99) }
}

/** `npm run bench -- messages`: messages a second per tap on one core, decoded, and into the embedded log. */
export async function messagesBench(): Promise<Record<string, unknown>> {
  const pdus = submits(50_000)
  const session = msrp(30_000)
  const taps = {
    smppCaptured: await measure(50_000, captured('smpp', pdus)),
    smppProxy: await measure(50_000, smppProxy(pdus)),
    msrpCaptured: await measure(30_000, captured('msrp', session.stream, session.dialog)),
    xmppCaptured: await measure(20_000, captured('xmpp', xmpp(20_000))),
    chatWebhook: await measure(30_000, chatWebhook(30_000)),
    recordsCsv: await measure(100_000, recordsFile(100_000)),
  }
  return {
    unit: 'messages per second of CPU time, both role copies made',
    taps,
    addedByProxyMs: await addedByProxy(),
    budget: { smpp: 20_000 },
  }
}
