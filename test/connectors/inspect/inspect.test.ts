import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type InspectLine, inspectRecording, openRecording } from '../../../connectors/inspect/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { hep3 } from '../../support/hep.ts'
import { ethernet, ipv4, ipv6, pcapFile, udp } from '../../support/packets.ts'
import { callMessages } from '../../support/tap.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-inspect-'))
after(() => rmSync(folder, { recursive: true }))

function write(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

async function inspect(path: string): Promise<{ lines: InspectLine[]; drops: string[]; bytesRead: number }> {
  const lines: InspectLine[] = []
  const drops: string[] = []
  let bytesRead = 0
  await inspectRecording(path, line => lines.push(line), {
    identity: createIdentity(),
    progress: bytes => {
      bytesRead = bytes
    },
    dropped: (reason, place) => drops.push(`${reason} at ${place}`),
  })
  return { lines, drops, bytesRead }
}

test('one line a signal, in order, with who, where and whether it is valid', async () => {
  const [invite, , ok] = callMessages('inspect-1')
  const broken = Buffer.from(invite!.toString().replace('CSeq: 1 INVITE', 'CSeq: 1 BYE'))
  const bytes = pcapFile([
    ethernet(ipv4(udp(invite!))),
    ethernet(ipv6(udp(ok!, { destinationPort: 5070 })), 0x86dd),
    ethernet(ipv4(udp(broken))),
  ])
  const { lines, drops, bytesRead } = await inspect(write('calls.pcap', bytes))
  assert.deepEqual(drops, [])
  assert.equal(bytesRead, bytes.length)
  assert.deepEqual(lines[0], {
    time: 1_764_000_000_000,
    protocol: 'sip',
    method: 'INVITE',
    from: '+33123456789',
    to: '+14155550100',
    callId: 'inspect-1',
    valid: true,
    source: '192.0.2.1:5060',
    destination: '192.0.2.2:5060',
    transport: 'udp',
  })
  assert.equal(lines[1]?.status, 200)
  assert.equal(lines[1]?.destination, '[2001:db8::2]:5070')
  assert.equal(lines[2]?.valid, false)
  assert.equal(lines[2]?.reason, 'cseq-mismatch')
})

test('HEP is shown as the signal inside it', async () => {
  const [invite] = callMessages('inspect-2')
  const packet = hep3(invite!, { source: '198.51.100.9', sourcePort: 5080, timeMs: 777_000 })
  const { lines } = await inspect(write('hep.pcap', pcapFile([ethernet(ipv4(udp(packet, { destinationPort: 9060 })))])))
  assert.equal(lines.length, 1)
  assert.equal(lines[0]?.method, 'INVITE')
  assert.equal(lines[0]?.source, '198.51.100.9:5080')
  assert.equal(lines[0]?.time, 777_000)
})

test('raw SIP and records are read by the same door', async () => {
  const [invite] = callMessages('inspect-3')
  const raw = await inspect(write('message.dat', invite!))
  assert.equal(raw.lines[0]?.callId, 'inspect-3')
  const csv = 'time,kind,from,to,duration,outcome\n1764000000,call,+33123456789,+14155550100,12,answered\n'
  const records = await inspect(write('calls.csv', csv))
  assert.ok(records.lines.length > 0)
  assert.ok(records.lines.every(({ protocol, from }) => protocol === 'record' && from === '+33123456789'))
})

test('a file of no known format is one clear error that lists the formats', async () => {
  const unknown = write('noise.bin', Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]))
  await assert.rejects(openRecording(unknown), { code: 'INPUT_INVALID', hint: /pcap.*sip/ })
  await assert.rejects(openRecording(write('empty.bin', '')), { code: 'INPUT_INVALID', message: /empty/ })
  await assert.rejects(openRecording(join(folder, 'absent.pcap')), { code: 'INPUT_UNREADABLE' })
  mkdirSync(join(folder, 'a-folder'))
  await assert.rejects(openRecording(join(folder, 'a-folder')), { code: 'INPUT_UNREADABLE' })
})
