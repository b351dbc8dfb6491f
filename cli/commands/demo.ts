import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Verdict } from '../../engine/activity/index.ts'
import { loadConfig } from '../../engine/config/index.ts'
import { RingfenceError } from '../../engine/errors/index.ts'
import { configSchema } from '../config.ts'
import { createBoard } from '../demo/board.ts'
import { readDatagrams } from '../demo/datagrams.ts'
import { createScreen } from '../demo/screen.ts'
import { sendDatagrams } from '../demo/sender.ts'
import { describeScore } from '../demo/summary.ts'
import { compareWithTruth, readTruth } from '../demo/truth.ts'
import { openLines } from '../lines.ts'
import { roles, type Service, startService } from '../service/index.ts'
import { packageRoot } from '../version.ts'

/** Where HEP is sent by convention; the sample was captured on it. */
const SAMPLE_PORT = 9060
const REDRAW_MS = 200

interface DemoOptions {
  readonly once?: true
  readonly speed: number
  readonly lang: 'en' | 'fr'
  readonly verdicts?: string
}

function parseSpeed(text: string): number {
  const speed = Number(text)
  if (!(speed > 0 && speed <= 1000)) throw new InvalidArgumentError('a number over 0, up to 1000.')
  return speed
}

export function demoCommand(): Command {
  return new Command('demo')
    .option('--once', 'end by itself when the sample has been judged; exit 1 if the table of truth is not met')
    .option('--speed <n>', 'times faster than recorded', parseSpeed, 20)
    .addOption(new Option('--lang <language>', 'language of the reasons').choices(['en', 'fr']).default('en'))
    .option('--verdicts <file>', 'write the verdicts as JSON lines too')
    .action(demo)
}

async function demo(options: DemoOptions): Promise<void> {
  const sample = join(packageRoot, 'test', 'data', 'sample.pcap')
  const truth = readTruth(join(packageRoot, 'test', 'data', 'sample.truth.csv'))
  const datagrams = await readDatagrams(sample, SAMPLE_PORT)
  const data = mkdtempSync(join(tmpdir(), 'ringfence-demo-'))
  const board = createBoard(options.lang)
  const screen = createScreen(process.stdout, options.lang)
  const lines = options.verdicts === undefined ? undefined : openLines(options.verdicts)
  const flagged = new Set<string>()
  const onVerdict = (verdict: Verdict) => {
    lines?.write(verdict)
    const row = board.add(verdict)
    if (row === undefined) return
    if (row.action !== 'allow') flagged.add(row.party)
    screen.caught(row)
  }
  const service = await startDemoService(data, onVerdict)
  const stop = new AbortController()
  const interrupted = once(process, 'SIGINT').then(() => stop.abort())
  let reached = { timeMs: datagrams[0]?.timeMs ?? 0, share: 0 }
  const draw = () => screen.draw({ rows: board.rows(), parties: board.parties, verdicts: board.verdicts, ...reached })
  const redraw = setInterval(draw, REDRAW_MS)
  try {
    process.stderr.write(`${introduction(service, datagrams.length, options)}\n`)
    screen.open()
    const [host, port] = hostAndPort(service.taps.get('hep-1')!)
    await sendDatagrams(datagrams, {
      host,
      port,
      speed: options.speed,
      signal: stop.signal,
      received: service.received,
      progress: (timeMs, share) => {
        reached = { timeMs, share }
      },
    })
    if (!stop.signal.aborted) await drained(service, board)
    draw()
    if (options.once === undefined && !stop.signal.aborted) {
      process.stderr.write(`The sample is over; ${service.url}/metrics stays up. Ctrl-C for the summary.\n`)
      await Promise.race([interrupted, service.ended])
    }
  } finally {
    clearInterval(redraw)
    await service.close()
    lines?.end()
    rmSync(data, { recursive: true, force: true })
  }
  draw()
  const score = compareWithTruth(truth, flagged)
  process.stdout.write(`${describeScore(score, board, options.lang)}\n`)
  if (options.once === true && !score.perfect)
    throw new RingfenceError('INPUT_INVALID', 'the verdicts differ from the table of truth', {
      hint: 'test/data/sample.truth.csv',
    })
}

async function startDemoService(data: string, onVerdict: (verdict: Verdict) => void): Promise<Service> {
  const start = (listen: string) => {
    const text = `data: ${JSON.stringify(data)}
taps: [{ name: hep-1, type: hep, listen: "udp://127.0.0.1:0" }]
serve: { listen: "${listen}" }
logging: { level: warn }`
    return startService({ config: loadConfig(configSchema, { text, file: 'demo' }), roles, onVerdict })
  }
  try {
    return await start('127.0.0.1:9464')
  } catch (error) {
    if (!(error instanceof RingfenceError && error.code === 'LISTEN_FAILED')) throw error
    return start('127.0.0.1:0')
  }
}

function introduction(service: Service, datagrams: number, options: DemoOptions): string {
  const [hep] = service.taps.values()
  return options.lang === 'fr'
    ? `Ringfence écoute HEP sur ${hep}. Métriques : ${service.url}/metrics. Envoi de ${datagrams} datagrammes enregistrés, ${options.speed} fois plus vite.`
    : `Ringfence listens for HEP on ${hep}. Metrics: ${service.url}/metrics. Sending ${datagrams} recorded datagrams, ${options.speed} times faster.`
}

/** Waits until the engine has nothing left to read and says nothing new. */
async function drained(service: Service, board: { readonly verdicts: number }): Promise<void> {
  let before = -1
  let quiet = 0
  while (quiet < 3) {
    await delay(100)
    quiet = service.backlog() === 0 && board.verdicts === before ? quiet + 1 : 0
    before = board.verdicts
  }
}

function hostAndPort(address: string): [string, number] {
  const url = new URL(address.includes('://') ? address : `udp://${address}`)
  return [url.hostname.replace(/^\[|\]$/g, ''), Number(url.port)]
}
