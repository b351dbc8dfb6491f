import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Child {
  readonly process: ChildProcess
  /** What it has written to standard output and standard error so far, the last 256 KB of each. */
  readonly output: () => { stdout: string; stderr: string }
  /** Resolves with the exit code when it has ended; a signal gives 128 + its number as a shell does. */
  readonly ended: Promise<number>
  readonly hasEnded: () => boolean
  /** Sends a signal (SIGTERM unless said), follows with SIGKILL after `graceMs`, waits for the end. */
  readonly stop: (signal?: NodeJS.Signals, graceMs?: number) => Promise<number>
}

export interface ChildOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly uid?: number
  readonly gid?: number
  /** Before the other work of a busy machine, where that is allowed: for what must not be slow by itself. */
  readonly urgent?: boolean
}

/** The command that runs a program before others; nice(1) runs it as it is when it may not. It stays one process. */
export function urgently(program: string, args: readonly string[]): [program: string, args: string[]] {
  return ['nice', ['-n', '-10', program, ...args]]
}

// A test that fails half-way must not leave peers behind: whatever still runs is ended with us.
const running = new Set<() => void>()
process.once('exit', () => {
  for (const end of running) end()
})

const KEPT_CHARACTERS = 262_144
const signalNumbers: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGKILL: 9, SIGUSR1: 10, SIGTERM: 15 }

/** Starts a program of the test, in a process group of its own so that its children can be ended with it. */
export function startChild(
  program: string,
  args: readonly string[],
  { urgent = false, ...options }: ChildOptions = {},
): Child {
  const [command, words] = urgent ? urgently(program, args) : [program, args]
  const child = spawn(command, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-KEPT_CHARACTERS)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT_CHARACTERS)
  })
  let over = false
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', error => {
      over = true
      reject(error)
    })
    child.once('close', (code, signal) => {
      over = true
      resolve(code ?? 128 + (signal === null ? 0 : (signalNumbers[signal] ?? 0)))
    })
  })
  ended.catch(() => {})
  const kill = (signal: NodeJS.Signals) => {
    if (child.pid === undefined || over) return
    try {
      process.kill(-child.pid, signal)
    } catch {
      // It ended between the check and the signal.
    }
  }
  const sweep = () => kill('SIGKILL')
  running.add(sweep)
  ended.finally(() => running.delete(sweep)).catch(() => {})
  return {
    process: child,
    output: () => ({ stdout, stderr }),
    ended,
    hasEnded: () => over,
    async stop(signal = 'SIGTERM', graceMs = 5_000) {
      kill(signal)
      const timer = setTimeout(() => kill('SIGKILL'), graceMs)
      try {
        return await ended
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

/** Ticks of /proc in a second: USER_HZ, which is 100 on every Linux that Node runs on. */
const CLOCK_TICKS = 100

/** Compilers and collectors finish what a start or a load left: 1 to 2 % of a core for half a minute, seen on an idle machine. */
export const SETTLING_SECONDS = 45

/** Processor seconds of a process so far: user and system time in /proc/PID/stat (proc(5)). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS
}

/** A limit on the size of a process's files stands for a full disk: what fits is written, the rest fails. */
export function limitFileSize(pid: number, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`])
}
