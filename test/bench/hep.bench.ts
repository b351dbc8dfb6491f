import { execFile } from 'node:child_process'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createHepDecoder, createHepPacket, hepConnector, hepSchema } from '../../connectors/hep/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { optionsOf, tapHarness } from '../support/tap.ts'
import { trafficTemplates } from './hep-traffic.ts'

const SENDER = fileURLToPath(new URL('./hep-sender.js', import.meta.url))
const run = promisify(execFile)

/** Rates tried over UDP, packets a second; the highest one without loss is the result. */
const RATES = [25_000, 50_000, 75_000, 100_000, 125_000, 150_000]
const UDP_SECONDS = 1.5
const TCP_PACKETS = 300_000

/**
 * HEP packets a second into activity: sockets on loopback, the sender in another process, mixed traffic (calls,
 * registrations, messages; 0.8 activity copies a packet). Decoding alone as well. `lossless` is what arrived whole on
 * this machine with this load on it; `perCore` is what one core has room for by the CPU time each packet took.
 */
export async function hepBench(): Promise<Record<string, unknown>> {
  const templates = trafficTemplates()
  const meanBytes = Math.round(templates.reduce((sum, { bytes }) => sum + bytes.length, 0) / templates.length)
  return {
    load: loadavg()[0],
    meanPacketBytes: meanBytes,
    decodeOnlyPacketsPerSecond: decodeOnly(),
    udp: await climb(0),
    udpReceivedOnOneThread: await climb(1),
    tcp: await measure('tcp', TCP_PACKETS, 0),
  }
}

/** Raises the rate until packets are lost. */
async function climb(threads: number): Promise<Record<string, unknown>> {
  const runs: Measured[] = []
  for (const rate of RATES) {
    const measured = await measure('udp', rate * UDP_SECONDS, rate, threads)
    runs.push(measured)
    if (measured.lost > 0) break
  }
  const best = runs.filter(({ lost }) => lost === 0).at(-1)
  return { losslessPacketsPerSecond: best?.packetsPerSecond ?? 0, runs }
}

interface Measured {
  readonly wantedPerSecond: number
  readonly packetsPerSecond: number
  readonly sent: number
  readonly lost: number
  readonly cpuMicrosPerPacket: number
  /** Packets a second that one core has CPU time for, all threads of the tap together. */
  readonly perCorePacketsPerSecond: number
  readonly activities: number
}

let nextRound = 1

async function measure(transport: 'udp' | 'tcp', packets: number, rate: number, threads = 0): Promise<Measured> {
  let activities = 0
  const harness = tapHarness({
    identity: createIdentity(),
    emit: () => {
      activities++
    },
  })
  const { counters } = harness
  const options = optionsOf(hepSchema, { listen: `${transport}://127.0.0.1:0`, threads })
  const tap = await hepConnector.open(options, harness.context)
  const port = tap.address.slice(tap.address.lastIndexOf(':') + 1)
  // Warm: the first packets are run by the interpreter, which no server does for long.
  await run(process.execPath, [SENDER, transport, port, '40000', '20000', String(nextRound)])
  nextRound += 10_000
  await settled(counters, 40_000)
  const before = counters.received
  activities = 0
  const cpu = process.cpuUsage()
  const started = performance.now()
  const sending = run(process.execPath, [SENDER, transport, port, String(packets), String(rate), String(nextRound)])
  nextRound += 100_000
  const { stdout } = await sending
  await settled(counters, before + packets)
  const { user, system } = process.cpuUsage(cpu)
  const report = JSON.parse(stdout) as { sent: number; seconds: number }
  const received = counters.received - before
  const seconds = Math.max(report.seconds, transport === 'tcp' ? (performance.now() - started) / 1000 : 0)
  await tap.close()
  return {
    wantedPerSecond: rate,
    packetsPerSecond: Math.round(received / seconds),
    sent: report.sent,
    lost: report.sent - received,
    cpuMicrosPerPacket: Math.round(((user + system) / received) * 100) / 100,
    perCorePacketsPerSecond: Math.round(received / ((user + system) / 1e6)),
    activities,
  }
}

/** Resolves when all has arrived, or nothing more does for half a second. */
async function settled(counters: { readonly received: number }, wanted: number): Promise<void> {
  let last = -1
  for (let quiet = 0; quiet < 5 && counters.received < wanted; ) {
    await new Promise(resolve => setTimeout(resolve, 100))
    quiet = counters.received === last ? quiet + 1 : 0
    last = counters.received
  }
}

function decodeOnly(): number {
  const templates = trafficTemplates()
  const decode = createHepDecoder()
  const packet = createHepPacket()
  let decoded = 0
  const loop = (rounds: number) => {
    for (let i = 0; i < rounds; i++) {
      for (const { bytes } of templates) if (decode(bytes, 0, bytes.length, 1, packet) === undefined) decoded++
    }
  }
  loop(2000)
  decoded = 0
  const started = performance.now()
  loop(40_000)
  return Math.round(decoded / ((performance.now() - started) / 1000))
}
