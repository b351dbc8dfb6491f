import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type RuleFile, readRules } from './helm/rules.ts'
import { requirePeer } from './peers.ts'
import { startChild } from './processes.ts'
import { eventually, freeTcpPort } from './sockets.ts'

export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: number
}

export interface FiringAlert {
  readonly name: string
  readonly state: 'pending' | 'firing'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** A real Prometheus on loopback that scrapes every second. */
export interface RunningPrometheus {
  /** An instant query. @throws Error with what Prometheus says of it */
  query(expression: string): Promise<Series[]>
  alerts(): Promise<FiringAlert[]>
  /** Resolves with the alert once it fires. @throws Error when it does not in time */
  firing(name: string, timeoutMs: number, labels?: Readonly<Record<string, string>>): Promise<FiringAlert>
  stop(): Promise<void>
}

/** Thresholds that are lengths of time, as they stand in their alerts, and as they are sixty times faster: four seconds at the least. */
const lengthsOfTime: Readonly<Record<string, readonly [stands: string, hurried: string]>> = {
  RingfenceLag: ['> 30', '> 4'],
  RingfenceSnapshotStale: ['> 600', '> 10'],
  RingfenceReputationStale: ['> 60', '> 4'],
}

/**
 * Sixty times faster: minutes become seconds, in ranges, offsets, waiting times and thresholds that are a length of time. Names
 * and other thresholds stay. A range has four seconds at the least, so that a scrape a second fills it.
 */
export function hurried(rules: RuleFile): RuleFile {
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const
  const shorter = (text: string) =>
    text.replaceAll(
      /(\[?)\b(\d+)([smhd])\b/g,
      (_, bracket: string, count: string, unit: keyof typeof seconds) =>
        `${bracket}${Math.max(bracket === '' ? 1 : 4, (Number(count) * seconds[unit]) / 60)}s`,
    )
  const shorterThreshold = (alert: string | undefined, expr: string) => {
    const [stands, hurried] = lengthsOfTime[alert ?? ''] ?? ['', '']
    if (!expr.includes(stands)) throw new Error(`${alert}: '${stands}' is not in its expression`)
    return expr.replace(stands, hurried)
  }
  return {
    groups: rules.groups.map(({ name, rules: inGroup }) => ({
      name,
      interval: '1s',
      rules: inGroup.map(rule => ({
        ...rule,
        expr: shorterThreshold(rule.alert, shorter(rule.expr)),
        ...(rule.for === undefined ? {} : { for: shorter(rule.for) }),
      })),
    })),
  }
}

/** Starts Prometheus on these `host:port` targets with the chart's rules, hurried. */
export async function startPrometheus(targets: readonly string[]): Promise<RunningPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-prometheus-'))
  const port = await freeTcpPort()
  writeFileSync(join(folder, 'rules.yml'), stringify(hurried(readRules())))
  writeFileSync(
    join(folder, 'prometheus.yml'),
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yml'],
      scrape_configs: [{ job_name: 'ringfence', static_configs: [{ targets }] }],
    }),
  )
  const child = startChild(requirePeer('prometheus'), [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--enable-feature=exemplar-storage',
  ])
  const base = `http://127.0.0.1:${port}/api/v1`
  const failed = () => (child.hasEnded() ? child.output().stderr : undefined)

  async function query(expression: string): Promise<Series[]> {
    const answer = await fetch(`${base}/query?query=${encodeURIComponent(expression)}`)
    const { status, error, data } = (await answer.json()) as {
      status: string
      error?: string
      data?: { result: { metric: Record<string, string>; value: [number, string] }[] }
    }
    if (status !== 'success' || data === undefined) throw new Error(`${expression}: ${error}`)
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
  }

  async function alerts(): Promise<FiringAlert[]> {
    const { data } = (await (await fetch(`${base}/alerts`)).json()) as {
      data: {
        alerts: { state: FiringAlert['state']; labels: Record<string, string>; annotations: Record<string, string> }[]
      }
    }
    return data.alerts.map(({ state, labels, annotations }) => ({
      name: labels.alertname ?? '',
      state,
      labels,
      annotations,
    }))
  }

  await eventually(
    'every target is scraped',
    async () => {
      const up = await query('up == 1').catch(() => [])
      return up.length === targets.length
    },
    { failed },
  )
  return {
    query,
    alerts,
    async firing(name, timeoutMs, labels = {}) {
      let found: FiringAlert | undefined
      await eventually(
        `${name} fires`,
        async () => {
          found = (await alerts()).find(
            alert =>
              alert.name === name &&
              alert.state === 'firing' &&
              Object.entries(labels).every(([label, value]) => alert.labels[label] === value),
          )
          return found !== undefined
        },
        { timeoutMs, everyMs: 200, failed },
      )
      return found!
    },
    async stop() {
      await child.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
