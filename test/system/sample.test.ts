import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readHepCapture } from '../support/hep-capture.ts'
import { ethernet, ipv4, pcapFile, udp } from '../support/packets.ts'
import { needs, requirePeer } from '../support/peers.ts'
import { isAnswered } from '../traffic/plan.ts'
import { planTraffic, SAMPLE_SEED } from '../traffic/traffic.ts'

const sample = fileURLToPath(new URL('../../../test/data/sample.pcap', import.meta.url))

/** tshark of Debian 12 has no HEP dissector: the messages are put back on the wire they were taken from. */
function unwrapped(path: string): Buffer {
  const packets = readHepCapture(path).map(({ bytes, source, destination }) => {
    const [sourceHost = '', sourcePort = ''] = source.split(':')
    const [destinationHost = '', destinationPort = ''] = destination.split(':')
    const ends = { source: sourceHost, destination: destinationHost }
    const ports = { sourcePort: Number(sourcePort), destinationPort: Number(destinationPort) }
    return ethernet(ipv4(udp(bytes, ports), ends))
  })
  return pcapFile(packets)
}

describe('the sample traffic in other eyes', () => {
  it('holds to tshark what its plan says', { skip: needs('tshark') }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-sample-'))
    try {
      const path = join(folder, 'sip.pcap')
      writeFileSync(path, unwrapped(sample))
      const fields = ['-e', 'sip.Method', '-e', 'sip.Status-Code', '-e', 'sip.CSeq.method']
      const args = ['-r', path, '-o', 'sip.tls.port:0', '-T', 'fields', '-E', 'separator=,', ...fields]
      const lines = execFileSync(requirePeer('tshark'), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      const counts = new Map<string, number>()
      for (const line of lines.trimEnd().split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1)
      const { calls, messages, registrations, probes } = planTraffic(SAMPLE_SEED)
      const answered = calls.filter(({ outcome }) => isAnswered(outcome)).length
      const givenUp = calls.filter(({ outcome }) => outcome === 'given-up').length
      const probed = (method: string) => probes.filter(probe => probe.method === method).length
      const { INVITE, MESSAGE, REGISTER, OPTIONS, BYE, CANCEL } = {
        INVITE: calls.length + probed('INVITE'),
        MESSAGE: messages.length,
        REGISTER: 2 * registrations.length + probed('REGISTER'),
        OPTIONS: probed('OPTIONS'),
        BYE: answered,
        CANCEL: givenUp,
      }
      const wanted = {
        'INVITE,,INVITE': INVITE,
        'MESSAGE,,MESSAGE': MESSAGE,
        'REGISTER,,REGISTER': REGISTER,
        'OPTIONS,,OPTIONS': OPTIONS,
        'BYE,,BYE': BYE,
        'CANCEL,,CANCEL': CANCEL,
        'ACK,,ACK': calls.length,
        ',200,INVITE': answered,
        ',487,INVITE': givenUp,
        ',200,MESSAGE': MESSAGE,
        ',200,BYE': BYE,
        ',401,INVITE': probed('INVITE'),
      }
      assert.deepEqual(Object.fromEntries(Object.keys(wanted).map(key => [key, counts.get(key)])), wanted)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
