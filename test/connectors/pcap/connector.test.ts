import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { pcapConnector, pcapSchema } from '../../../connectors/pcap/index.ts'
import { ethernet, ipv4, pcapFile, tcp, udp } from '../../support/packets.ts'
import { callMessages, optionsOf, type TapHarness, tapHarness } from '../../support/tap.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-live-'))
after(() => rmSync(folder, { recursive: true }))

const WHOLE_CALL = ['call.attempt', 'call.answered', 'call.ended']

const kinds = (harness: TapHarness) =>
  harness.activities.filter(({ role }) => role === 'origin').map(({ kind }) => kind)
const open = (options: Record<string, unknown>, harness: TapHarness) =>
  pcapConnector.open(optionsOf(pcapSchema, options), harness.context)
const capture = (callId: string) => pcapFile(callMessages(callId).map(message => ethernet(ipv4(udp(message)))))

test('a file is read to its end', async () => {
  const path = join(folder, 'call.pcap.gz')
  writeFileSync(path, gzipSync(capture('file-1')))
  const harness = tapHarness()
  const tap = await open({ file: path }, harness)
  await tap.finished
  assert.deepEqual(kinds(harness), WHOLE_CALL)
  assert.equal(harness.counters.received, 4)
  assert.equal(harness.counters.decoded, 4)
  await tap.close()
})

test('a FIFO is read as it is written, and again when another writer comes', async () => {
  const path = join(folder, 'fifo')
  execFileSync('mkfifo', [path])
  const harness = tapHarness()
  const tap = await open({ file: path }, harness)
  for (const callId of ['fifo-1', 'fifo-2']) {
    const bytes = capture(callId)
    const writer = createWriteStream(path)
    const seen = kinds(harness).length
    writer.write(bytes.subarray(0, bytes.length - 100))
    await harness.until(() => kinds(harness).length === seen + 2)
    await new Promise<void>(resolve => writer.end(bytes.subarray(bytes.length - 100), resolve))
    await harness.until(() => kinds(harness).length === seen + 3)
  }
  // Without the marks of damage that one capture run into the next would leave.
  assert.equal(harness.counters.dropped.size, 0)
  assert.deepEqual(kinds(harness), [...WHOLE_CALL, ...WHOLE_CALL])
  await tap.close()
})

test('a FIFO that nobody writes to does not keep the tap from closing', async () => {
  const path = join(folder, 'silent')
  execFileSync('mkfifo', [path])
  const tap = await open({ file: path }, tapHarness())
  await tap.close()
  await tap.finished
})

test('what waits behind a TCP hole is given out when the file ends', async () => {
  const [invite, , , bye] = callMessages('tcp-hole')
  const at = (payload: Uint8Array, sequence: number) => ethernet(ipv4(tcp(payload, { sequence }), { protocol: 6 }))
  const path = join(folder, 'hole.pcap')
  writeFileSync(path, pcapFile([at(invite!, 100), at(bye!, 90_000)]))
  const harness = tapHarness()
  const tap = await open({ file: path }, harness)
  await tap.finished
  assert.equal(harness.counters.decoded, 2)
  assert.equal(harness.counters.dropped.get('tcp-gap'), 1)
  await tap.close()
})

test('reading stops while the queue is full', async () => {
  const path = join(folder, 'full.pcap')
  // More than one chunk of the file, so that there is something to stop before.
  writeFileSync(path, pcapFile(Array.from({ length: 4000 }, () => ethernet(ipv4(udp(Buffer.alloc(700)))))))
  let full = true
  const harness = tapHarness({ congested: () => full })
  const tap = await open({ file: path }, harness)
  await harness.until(() => harness.counters.received > 0)
  const received = harness.counters.received
  assert.ok(received < 4000)
  full = false
  await tap.finished
  assert.equal(harness.counters.received, 4000)
  await tap.close()
})

test('damage is counted and what was before stays', async () => {
  const path = join(folder, 'cut.pcap')
  const bytes = capture('cut')
  writeFileSync(path, bytes.subarray(0, bytes.length - 5))
  const harness = tapHarness()
  const tap = await open({ file: path }, harness)
  await tap.finished
  assert.deepEqual(kinds(harness), ['call.attempt', 'call.answered'])
  assert.equal(harness.counters.dropped.get('truncated'), 1)
  await tap.close()
})

test('a source that is not there is one clear error', async () => {
  await assert.rejects(open({ file: join(folder, 'absent') }, tapHarness()), { code: 'INPUT_UNREADABLE' })
  await assert.rejects(open({ interface: 'lo', tcpdump: join(folder, 'absent') }, tapHarness()), { code: 'TAP_FAILED' })
})

/** A program that behaves as tcpdump does on its outputs. */
function fakeTcpdump(name: string, script: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

test('an interface is captured through tcpdump, its kernel drops are counted', async () => {
  writeFileSync(join(folder, 'interface.pcap'), capture('interface-1'))
  const tcpdump = fakeTcpdump(
    'tcpdump-good',
    `echo "$@" > ${join(folder, 'arguments')}
echo "tcpdump: listening on eth0, link-type EN10MB" >&2
cat ${join(folder, 'interface.pcap')}
echo "5 packets captured" >&2
echo "7 packets dropped by kernel" >&2
exec sleep 60`,
  )
  const harness = tapHarness()
  const tap = await open({ interface: 'eth0', filter: 'port 5060', tcpdump }, harness)
  await harness.until(() => kinds(harness).length === 3 && harness.counters.dropped.has('kernel-overflow'))
  assert.deepEqual(kinds(harness), WHOLE_CALL)
  assert.equal(harness.counters.dropped.get('kernel-overflow'), 7)
  const given = execFileSync('cat', [join(folder, 'arguments')], { encoding: 'utf8' })
  assert.equal(given.trim(), '-i eth0 -n -U --immediate-mode -s 0 -B 32768 -w - -- port 5060')
  await tap.close()
})

test('an interface that may not be captured is an error that says why', async () => {
  const tcpdump = fakeTcpdump('tcpdump-bad', 'echo "tcpdump: eth9: No such device exists" >&2; exit 1')
  await assert.rejects(open({ interface: 'eth9', tcpdump }, tapHarness()), {
    code: 'TAP_FAILED',
    message: /eth9: No such device exists/,
  })
})
