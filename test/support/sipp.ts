import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { requirePeer } from './peers.ts'
import { type Child, startChild } from './processes.ts'
import { eventually, isUdpBound } from './sockets.ts'

export interface SippOptions {
  /** Name of this instance: of its statistics and error files inside `folder`. */
  readonly name: string
  /** Working folder: injection files are named relative to it. */
  readonly folder: string
  /** Scenario file. */
  readonly scenario: string
  /** Local `ip:port`. */
  readonly local: string
  /** `ip:port` to send to; absent for a scenario that answers. */
  readonly remote?: string
  /** Anything more, as on SIPp's command line. */
  readonly args?: readonly string[]
}

/** SIPp's own cumulative counts, from its statistics file. */
export interface SippCounts {
  readonly created: number
  readonly successful: number
  readonly failed: number
  readonly current: number
  readonly retransmissions: number
  /** Every column of the last line, by its name. */
  readonly columns: Readonly<Record<string, string>>
}

export interface RunningSipp {
  readonly name: string
  readonly pid: number | undefined
  /** Resolves with SIPp's exit code: 0 when all calls succeeded, 1 when at least one failed, 97 and up for errors. */
  readonly ended: Promise<number>
  readonly counts: () => SippCounts
  /** What it complained about (-trace_err), and its last screen lines. */
  readonly errors: () => string
  /** Quits at once, writing its statistics. */
  readonly stop: () => Promise<number>
}

/**
 * Starts SIPp, and waits until its socket is bound.
 * @throws Error with what it printed when it ends before.
 */
export async function startSipp(options: SippOptions): Promise<RunningSipp> {
  const [ip = '', port = ''] = options.local.split(':')
  const statistics = join(options.folder, `${options.name}.stat.csv`)
  const errorFile = join(options.folder, `${options.name}.errors.txt`)
  const child = startChild(
    requirePeer('sipp'),
    [
      ...(options.remote === undefined ? [] : [options.remote]),
      ...['-sf', options.scenario, '-i', ip, '-p', port, '-nostdin'],
      ...['-trace_stat', '-stf', statistics, '-fd', '1', '-trace_err', '-error_file', errorFile],
      ...(options.args ?? []),
    ],
    { cwd: options.folder, env: { ...process.env, TERM: 'dumb' } },
  )
  const errors = () => {
    const { stdout, stderr } = child.output()
    return `${existsSync(errorFile) ? readFileSync(errorFile, 'utf8') : ''}${stderr}${child.hasEnded() ? stdout.slice(-2000) : ''}`
  }
  await eventually(`SIPp ${options.name} starts`, () => child.hasEnded() || isUdpBound(ip, Number(port)), {
    failed: () => (child.hasEnded() ? errors() : undefined),
  })
  return {
    name: options.name,
    pid: child.process.pid,
    ended: child.ended,
    counts: () => readCounts(statistics),
    errors,
    stop: () => stopSipp(child),
  }
}

/** SIGUSR1 asks for a soft exit (as the key q): statistics are written; a second one does not wait for open calls. */
async function stopSipp(child: Child): Promise<number> {
  if (child.process.pid !== undefined && !child.hasEnded()) {
    child.process.kill('SIGUSR1')
    child.process.kill('SIGUSR1')
  }
  return child.stop('SIGUSR1', 3_000)
}

/**
 * Reads the last line of a SIPp statistics file (-trace_stat).
 * @throws Error when a column it needs is missing.
 */
function readCounts(path: string): SippCounts {
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  const names = (lines[0] ?? '').split(';')
  const last = (lines.at(-1) ?? '').split(';')
  const columns = Object.fromEntries(names.map((name, index) => [name, last[index] ?? '']))
  const number = (name: string) => {
    const value = Number(columns[name])
    if (columns[name] === undefined || !Number.isFinite(value)) throw new Error(`${path}: no column ${name}`)
    return value
  }
  return {
    created: number('TotalCallCreated'),
    successful: number('SuccessfulCall(C)'),
    failed: number('FailedCall(C)'),
    current: number('CurrentCall'),
    retransmissions: number('Retransmissions(C)'),
    columns,
  }
}
