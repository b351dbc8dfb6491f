import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type InspectLine, inspectRecording } from '../../connectors/inspect/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import * as packets from '../support/packets.ts'
import { needs } from '../support/peers.ts'
import { maskedFrame } from '../support/websocket.ts'

/**
 * What `inspect` sees of a capture is what tshark sees: SIP messages by method and status. On captures made here, always;
 * on real ones as well where the folder `../shared` (or RINGFENCE_SHARED) lies beside the checkout, as it may not be copied.
 */

const needsTshark = { skip: needs('tshark') }
const shared = process.env.RINGFENCE_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url))
const captures = join(shared, 'data', 'sip', 'pcap')
const folder = mkdtempSync(join(tmpdir(), 'ringfence-tshark-'))
after(() => rmSync(folder, { recursive: true }))

type Counts = Record<string, number>

/** Late segments are put in their place, which is not tshark's default. */
const REASSEMBLE = ['-o', 'tcp.reassemble_out_of_order:TRUE']

function count(names: readonly string[]): Counts {
  const counts: Counts = {}
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** SIP messages by method and status as tshark counts them; several in one frame are joined by commas. */
function tsharkCounts(path: string): Counts {
  const fields = ['-T', 'fields', '-e', 'sip.Method', '-e', 'sip.Status-Code']
  const out = execFileSync('tshark', ['-r', path, ...REASSEMBLE, '-Y', 'sip', ...fields], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return count(out.split(/[\n\t,]/).filter(name => name !== ''))
}

async function inspect(path: string): Promise<InspectLine[]> {
  const lines: InspectLine[] = []
  await inspectRecording(path, line => lines.push(line), {
    identity: createIdentity(),
    progress: () => {},
    dropped: () => {},
  })
  return lines
}

async function inspectCounts(path: string): Promise<Counts> {
  const sip = (await inspect(path)).filter(({ protocol }) => protocol === 'sip')
  return count(sip.map(({ method, status }) => method ?? String(status)))
}

/** tshark knows no HEP: the start lines inside the payloads that it shows. */
function hepCounts(path: string): Counts {
  const fields = ['-Y', 'udp.port == 9060', '-T', 'fields', '-e', 'udp.payload']
  const out = execFileSync('tshark', ['-r', path, ...fields], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return count(
    out.split('\n').flatMap(hex => {
      const text = Buffer.from(hex.replaceAll(':', ''), 'hex').toString('latin1')
      const match = /^HEP3.*?(?:([A-Z]+) sip:[^\n]* SIP\/2\.0|SIP\/2\.0 (\d{3}))/s.exec(text)
      return match === null ? [] : [match[1] ?? match[2] ?? '']
    }),
  )
}

const sharedFiles = existsSync(captures) ? readdirSync(captures).sort() : []
for (const file of sharedFiles) {
  test(`inspect agrees with tshark on ${file}`, needsTshark, async () => {
    const path = join(captures, file)
    const expected = file.startsWith('hep') ? hepCounts(path) : tsharkCounts(path)
    assert.deepEqual(await inspectCounts(path), expected)
  })
}

const message = (method: string, id: string, body = '') =>
  Buffer.from(
    [
      `${method} sip:bob@example.net SIP/2.0`,
      `Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK${id}`,
      'From: <sip:+33123456789@example.net>;tag=a',
      'To: <sip:+14155550100@example.net>',
      `Call-ID: ${id}`,
      `CSeq: 1 ${method}`,
      'Max-Forwards: 70',
      ...(body === '' ? [] : ['Content-Type: text/plain']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  )
const answer = (status: string, id: string) =>
  Buffer.from(
    message('INVITE', id)
      .toString()
      .replace(/^[^\r]*/, `SIP/2.0 ${status}`),
  )

/** Every encapsulation that the packet builder knows, on Ethernet, each with a message of its own. */
function encapsulated(): Buffer[] {
  const invite = (id: string) => packets.ipv4(packets.udp(message('INVITE', id)))
  const invite6 = (id: string) => packets.ipv6(packets.udp(message('OPTIONS', id)))
  const inGre = (payload: Uint8Array) => packets.ethernet(packets.ipv4(payload, { protocol: 47 }))
  const long = packets.udp(message('MESSAGE', 'fragments', 'x'.repeat(4000)))
  return [
    packets.ethernet(invite('plain')),
    packets.ethernet(invite6('v6'), 0x86dd),
    packets.ethernet(packets.ipv4(packets.udp(answer('180 Ringing', 'plain')))),
    packets.vlan(invite('vlan'), [0x8100]),
    packets.vlan(invite('qinq'), [0x88a8, 0x8100]),
    packets.pppoe(invite('pppoe')),
    packets.mpls(invite('mpls'), 2),
    packets.ethernet(packets.ipv4(invite('ipip'), { protocol: 4 })),
    packets.ethernet(packets.ipv4(invite6('6in4'), { protocol: 41 })),
    inGre(packets.gre(invite('gre'), 0x0800, 0xa000)),
    inGre(packets.erspan2(packets.ethernet(invite('erspan2')))),
    inGre(packets.erspan3(packets.ethernet(invite('erspan3')), false)),
    packets.ethernet(packets.ipv4(packets.vxlan(packets.ethernet(invite('vxlan'))))),
    packets.ethernet(packets.ipv4(packets.gtpU(invite('gtp')))),
    packets.ethernet(packets.ipv4(packets.gtpU(invite('gtp5g'), true))),
    ...packets.ipv4Fragments(long, 1480, { id: 77 }).map(part => packets.ethernet(part)),
    ...packets.ipv6Fragments(long, 1400, { id: 78 }).map(part => packets.ethernet(part, 0x86dd)),
    packets.ethernet(packets.ipv4(packets.sctp([{ payload: message('BYE', 'sctp'), tsn: 1 }]), { protocol: 132 })),
  ]
}

/** A TCP connection with messages that share segments and span them, one segment late, one sent twice. */
function connection(bytes: Uint8Array, destinationPort: number): Buffer[] {
  const ports = { sourcePort: 40_000 + destinationPort, destinationPort }
  const frame = (payload: Uint8Array, sequence: number, flags = 'A') =>
    packets.ethernet(packets.ipv4(packets.tcp(payload, { ...ports, sequence, flags }), { protocol: 6 }))
  const segments: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 500) segments.push(frame(bytes.subarray(at, at + 500), 1001 + at))
  const [first = [], ...rest] = [[frame(Buffer.alloc(0), 1000, 'S'), ...segments]]
  const late = first.splice(3, 1)
  first.splice(4, 0, ...late)
  return [...first, ...rest.flat()]
}

const generated: [string, () => Buffer][] = [
  ['encapsulations', () => packets.pcapFile(encapsulated())],
  ['encapsulations in pcapng, nanoseconds', () => packets.pcapngFile(encapsulated(), { resolution: 9 })],
  ['encapsulations in gzip', () => gzipSync(packets.pcapFile(encapsulated(), { little: false }))],
  [
    'Linux cooked',
    () =>
      packets.pcapFile([packets.linuxCooked(packets.ipv4(packets.udp(message('INVITE', 'sll'))))], { linkType: 113 }),
  ],
  [
    'Linux cooked v2',
    () =>
      packets.pcapFile([packets.linuxCooked2(packets.ipv4(packets.udp(message('INVITE', 'sll2'))))], { linkType: 276 }),
  ],
  ['raw IP', () => packets.pcapFile([packets.ipv4(packets.udp(message('INVITE', 'raw')))], { linkType: 101 })],
  [
    'TCP, reordered',
    () => {
      const bytes = Buffer.concat(
        Array.from({ length: 12 }, (_, i) => message(i % 3 === 0 ? 'INVITE' : 'INFO', `t${i}`, 'b'.repeat(40 * i))),
      )
      return packets.pcapFile(connection(bytes, 5060))
    },
  ],
  [
    'WebSocket',
    () => {
      const upgrade =
        'GET / HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n'
      const frames = Array.from({ length: 4 }, (_, i) => maskedFrame(message('REGISTER', `w${i}`)))
      const accept =
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n'
      return packets.pcapFile(webSocketConnection(upgrade, accept, frames))
    },
  ],
]

function webSocketConnection(upgrade: string, accept: string, frames: readonly Uint8Array[]): Buffer[] {
  const client = { source: '192.0.2.1', destination: '192.0.2.2', sourcePort: 50_000, destinationPort: 80 }
  const server = { source: '192.0.2.2', destination: '192.0.2.1', sourcePort: 80, destinationPort: 50_000 }
  const out: Buffer[] = []
  const send = (ends: typeof client, bytes: Uint8Array, sequence: number, acknowledgement: number, flags = 'PA') => {
    const segment = packets.tcp(bytes, { ...ends, sequence, acknowledgement, flags })
    out.push(packets.ethernet(packets.ipv4(segment, { ...ends, protocol: 6 })))
  }
  send(client, Buffer.alloc(0), 0, 0, 'S')
  send(server, Buffer.alloc(0), 0, 1, 'SA')
  send(client, Buffer.from(upgrade), 1, 1)
  send(server, Buffer.from(accept), 1, 1 + upgrade.length)
  let sequence = 1 + upgrade.length
  for (const frame of frames) {
    send(client, frame, sequence, 1 + accept.length)
    sequence += frame.length
  }
  return out
}

for (const [name, bytes] of generated) {
  test(`inspect agrees with tshark on a generated capture: ${name}`, needsTshark, async () => {
    const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.pcap`)
    writeFileSync(path, bytes())
    const expected = tsharkCounts(path)
    assert.notDeepEqual(expected, {})
    assert.deepEqual(await inspectCounts(path), expected)
  })
}
