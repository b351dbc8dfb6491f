import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type RunningRingfence, startRingfence } from '../support/ringfence.ts'
import { freeTcpPort, freeUdpPort, udpDrops } from '../support/sockets.ts'

const run = promisify(execFile)
const SENDER = fileURLToPath(new URL('./small-sender.js', import.meta.url))
const CALLS = 4_000
const MESSAGES = 3_000
const SUBSCRIBERS = 1_000_000
const SECONDS = Number(process.env.SECONDS ?? 20)
/** Attempt under both roles, answer, end; a message under both roles. */
const ACTIVITIES_A_CALL = 4
const ACTIVITIES_A_MESSAGE = 2
const PATIENCE_S = 60

/**
 * The small machine (DESIGN §11): one process with everything embedded (HEP tap, event log on disk, engine, models,
 * serving) takes 4,000 calls and 3,000 messages a second, the busy hour of ten million subscribers, in 2 cores and 2 GB.
 * The traffic's sender runs on the same cores and is not counted. `kept up` is whether nothing was lost and the engine was
 * no more than a second behind when the traffic ended. RATE=0.5 halves the traffic, SECONDS=60 makes it last.
 */
export async function smallBench(): Promise<Record<string, unknown>> {
  const rate = Number(process.env.RATE ?? 1)
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-small-'))
  const [hepPort, httpPort] = [await freeUdpPort(), await freeTcpPort()]
  const yaml = process.env.MODELS === '0' ? 'models: { enabled: false }' : ''
  // The socket on a thread of its own, as docs/capture.md advises where one process does everything.
  const tap = `threads: ${process.env.THREADS ?? 1}`
  const ringfence = await startRingfence({ folder, hepPort, httpPort, tap, yaml })
  try {
    const before = processFigures(ringfence)
    const args = [hepPort, CALLS * rate, MESSAGES * rate, SUBSCRIBERS, SECONDS].map(String)
    const { stdout } = await run(process.execPath, [SENDER, ...args])
    const sent = JSON.parse(stdout) as { calls: number; messages: number }
    const expected = sent.calls * ACTIVITIES_A_CALL + sent.messages * ACTIVITIES_A_MESSAGE
    const behindS = await untilJudged(ringfence, expected)
    const after = processFigures(ringfence)
    const judged = await ringfence.metric('ringfence_activities_total')
    const lost = udpDrops(hepPort)
    return {
      sent: { ...sent, 'activities/s': Math.round(expected / SECONDS) },
      judged,
      'packets the kernel dropped': lost,
      'behind at the end, s': behindS,
      'kept up': lost === 0 && judged >= expected && behindS <= 1,
      'cores used': Math.round(((after.cpuS - before.cpuS) / (SECONDS + behindS)) * 100) / 100,
      'most memory, MB': Math.round(after.peakMb),
      parties: await ringfence.metric('ringfence_parties'),
    }
  } finally {
    await ringfence.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Seconds until the engine has judged what was sent; gives up when nothing more comes. */
async function untilJudged(ringfence: RunningRingfence, expected: number): Promise<number> {
  const started = performance.now()
  const elapsed = (): number => (performance.now() - started) / 1000
  let last = -1
  for (let still = 0; still < 10 && elapsed() < PATIENCE_S; ) {
    const judged = await ringfence.metric('ringfence_activities_total')
    if (judged >= expected) break
    still = judged === last ? still + 1 : 0
    last = judged
    await delay(200)
  }
  return Math.round(elapsed() * 10) / 10
}

/** Processor time so far and the most memory ever resident, from /proc (Linux). */
function processFigures({ child }: RunningRingfence): { cpuS: number; peakMb: number } {
  const folder = `/proc/${child.process.pid}`
  // Fields 14 and 15, behind the name in brackets, in ticks of 10 ms.
  const stat = readFileSync(`${folder}/stat`, 'latin1').split(') ')[1]!.split(' ')
  const peakKb = /VmHWM:\s+(\d+)/.exec(readFileSync(`${folder}/status`, 'latin1'))?.[1] ?? '0'
  return { cpuS: (Number(stat[11]) + Number(stat[12])) / 100, peakMb: Number(peakKb) / 1024 }
}
