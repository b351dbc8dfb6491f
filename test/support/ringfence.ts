import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Activity, Reputation, Topic, Verdict } from '../../engine/activity/index.ts'
import { openEmbeddedLog } from '../../engine/log/index.ts'
import type { Child } from './processes.ts'
import { type ServiceOptions, startService, untilReady } from './service-process.ts'

export interface RingfenceOptions extends Pick<ServiceOptions, 'urgent'> {
  /** Where its data and configuration live; the same folder again is the same installation. */
  readonly folder: string
  readonly hepPort: number
  readonly httpPort: number
  /** More of its tap's configuration, as a line of YAML: `threads: 1`. */
  readonly tap?: string
  /** More configuration, as YAML lines. */
  readonly yaml?: string
  /** More of its `serve` section, a line each. */
  readonly serve?: readonly string[]
}

export interface RunningRingfence {
  readonly child: Child
  /** Sum of all series of a counter or gauge whose labels include these; 0 when there is none. */
  readonly metric: (name: string, labels?: Readonly<Record<string, string>>) => Promise<number>
  /** SIGTERM: the last snapshot is written. Gives the exit code. */
  readonly stop: () => Promise<number>
  /** SIGKILL, as a power cut. */
  readonly kill: () => Promise<void>
}

/**
 * Starts `ringfence run` on a configuration of its own with one HEP tap on loopback, and waits until it is ready.
 * @throws Error with what it logged when it ends before.
 */
export async function startRingfence(options: RingfenceOptions): Promise<RunningRingfence> {
  const { folder, hepPort, httpPort } = options
  const tap = options.tap === undefined ? '' : `, ${options.tap}`
  mkdirSync(folder, { recursive: true })
  const configuration = join(folder, 'ringfence.yaml')
  const lines = [
    `data: ${join(folder, 'data')}`,
    'taps:',
    `  - { name: hep-1, type: hep, listen: "udp://127.0.0.1:${String(hepPort)}"${tap} }`,
    'identity: { defaultCountry: FR }',
    'serve:',
    ...[`listen: "127.0.0.1:${httpPort}"`, ...(options.serve ?? [])].map(line => `  ${line}`),
    ...(options.yaml === undefined ? [] : [options.yaml]),
  ]
  writeFileSync(configuration, `${lines.join('\n')}\n`)
  const child = startService(configuration, options)
  await untilReady('ringfence run', child, httpPort)
  const base = `http://127.0.0.1:${httpPort}`
  return {
    child,
    async metric(name, labels = {}) {
      const text = await (await fetch(`${base}/metrics`)).text()
      return sumOf(text, name, labels)
    },
    stop: () => child.stop('SIGTERM', 20_000),
    async kill() {
      await child.stop('SIGKILL')
    },
  }
}

/** Adds up the series of a metric in Prometheus's text format. */
function sumOf(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  let sum = 0
  for (const line of text.split('\n')) {
    const found = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)/.exec(line)
    if (found?.[1] !== name) continue
    if (Object.entries(labels).every(([label, value]) => found[2]?.includes(`${label}="${value}"`)))
      sum += Number(found[3])
  }
  return sum
}

/** All records of a topic of an installation's embedded log, running or not, oldest first in each partition. */
async function readTopic<T>(folder: string, topic: Topic): Promise<T[]> {
  const log = await openEmbeddedLog({ directory: join(folder, 'data'), readOnly: true })
  try {
    const values: T[] = []
    for (let partition = 0; partition < log.partitions; partition++)
      for await (const { records } of log.read({ topic, partition }))
        for (const { value } of records) if (value !== null) values.push(JSON.parse(Buffer.from(value).toString()) as T)
    return values
  } finally {
    await log.close()
  }
}

export const readActivities = (folder: string): Promise<Activity[]> => readTopic(folder, 'ringfence.activity')
export const readVerdicts = (folder: string): Promise<Verdict[]> => readTopic(folder, 'ringfence.verdicts')
export const readReputations = (folder: string): Promise<Reputation[]> => readTopic(folder, 'ringfence.reputation')
