import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pcapRecording } from '../../connectors/pcap/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { ethernet, ipv4, pcapFile, tcp, udp, vlan } from '../support/packets.ts'
import { callMessages } from '../support/tap.ts'

const ROUNDS = 4000

/**
 * Captured packets a second into signals on one core: a file of SIP over UDP and over TCP among ten times as much media,
 * read from disk as `replay` does.
 */
export async function pcapBench(): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-bench-'))
  try {
    const path = join(folder, 'mixed.pcap')
    const { packets, bytes } = writeCapture(path)
    let signals = 0
    const drops = new Map<string, number>()
    const sink = {
      signal: () => {
        signals++
      },
      activity: () => {},
      dropped: (reason: string) => drops.set(reason, (drops.get(reason) ?? 0) + 1),
    }
    const context = { identity: createIdentity(), progress: () => {} }
    await pcapRecording.read(path, sink, context)
    signals = 0
    const cpu = process.cpuUsage()
    const heapBefore = process.memoryUsage().rss
    await pcapRecording.read(path, sink, context)
    const { user, system } = process.cpuUsage(cpu)
    const cpuSeconds = (user + system) / 1e6
    return {
      packets,
      megabytes: Math.round(bytes / 1e6),
      signals,
      drops: Object.fromEntries(drops),
      cpuMicrosPerPacket: Math.round(((cpuSeconds * 1e6) / packets) * 100) / 100,
      perCorePacketsPerSecond: Math.round(packets / cpuSeconds),
      perCoreMegabytesPerSecond: Math.round(bytes / 1e6 / cpuSeconds),
      residentGrowthMegabytes: Math.round((process.memoryUsage().rss - heapBefore) / 1e6),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Writes a capture round by round, so that the bench itself does not hold it. */
function writeCapture(path: string): { packets: number; bytes: number } {
  const file = openSync(path, 'w')
  const media = Array.from({ length: 80 }, (_, i) =>
    ethernet(ipv4(udp(Buffer.alloc(172, 0x80), { sourcePort: 20_000 + i, destinationPort: 30_000 + i }))),
  )
  let bytes = writeSync(file, pcapFile([]))
  let packets = 0
  let sequence = 1
  for (let round = 0; round < ROUNDS; round++) {
    const messages = callMessages(`bench-${round}`)
    const frames = messages.map(message => vlan(ipv4(udp(message)), [0x8100]))
    for (const message of messages) {
      frames.push(ethernet(ipv4(tcp(message, { sequence }), { protocol: 6 })))
      sequence += message.length
    }
    const all = [...frames, ...media]
    packets += all.length
    bytes += writeSync(file, pcapFile(all, { startMs: 1_764_000_000_000 + round * 100 }).subarray(24))
  }
  return { packets, bytes }
}
