import { readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RingfenceError } from '../../errors/index.ts'

const FILE = 'writer.lock'

/** Who wrote a lock file: enough to tell a living writer from a dead one whose process number was given to another. */
interface Holder {
  readonly pid: number
  /** Start of the process in clock ticks since boot; 0 where there is no /proc. */
  readonly startTicks: number
  /** Identifies the process-number namespace (a container has its own, where the number is nearly always 1). */
  readonly namespace: string
}

/** Directories that this very process holds: its own number in a lock file proves nothing after a restart in a container. */
const held = new Set<string>()

/**
 * Makes this process the only writer of `directory`. Returns what releases it.
 * A lock left by a process that is gone is taken over; LOG_UNAVAILABLE names the process that still holds it.
 */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, FILE)
  const mine = describe(process.pid)
  for (let attempt = 0; ; attempt++) {
    try {
      if (held.has(path)) throw inUse(directory, process.pid)
      writeFileSync(path, JSON.stringify(mine), { flag: 'wx' })
      held.add(path)
      return () => {
        held.delete(path)
        rmSync(path, { force: true })
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const other = read(path)
      if (attempt > 3 || (other !== undefined && lives(other, mine))) throw inUse(directory, other?.pid)
      rmSync(path, { force: true })
    }
  }
}

function inUse(directory: string, pid: number | undefined): RingfenceError {
  return new RingfenceError('LOG_UNAVAILABLE', `${directory}: in use by process ${pid ?? 'unknown'}`, {
    hint: 'one process writes an embedded log; stop the other, or give this one its own directory',
  })
}

function lives(other: Holder, mine: Holder): boolean {
  // A number from another namespace cannot be looked up; a container that restarted on its volume finds this case.
  if (other.namespace !== mine.namespace) return false
  if (other.pid === process.pid) return false
  try {
    process.kill(other.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return describe(other.pid).startTicks === other.startTicks
}

function describe(pid: number): Holder {
  return { pid, startTicks: startTicks(pid), namespace: link('/proc/self/ns/pid') }
}

/** Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold spaces, so count from its closing bracket. */
function startTicks(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return 0
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function read(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch {
    return undefined
  }
}
