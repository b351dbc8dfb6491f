import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import type { PcapOptions } from './options.ts'

/** A running capture of an interface. */
export interface InterfaceCapture {
  /** The pcap stream; ends when tcpdump does. */
  readonly stream: Readable
  stop(): void
}

/** How often tcpdump is asked (SIGUSR1) for its counts, of which one is what the kernel dropped. */
const ASK_MS = 10_000
const MAX_ERROR_CHARACTERS = 2000

/**
 * Captures an interface with tcpdump, packet-buffered, to a pipe. A native binding to libpcap was weighed: none installs
 * without a compiler, and the pipe carries more than one core can read.
 * @param kernelDrops called with the packets that the kernel has dropped since the last call
 * @throws RingfenceError TAP_FAILED when tcpdump is absent or may not capture
 */
export async function captureInterface(
  options: PcapOptions,
  kernelDrops: (packets: number) => void,
): Promise<InterfaceCapture> {
  // Immediate: libpcap would else let a packet wait up to a second for others to fill a block.
  const arguments_ = ['-i', options.interface, '-n', '-U', '--immediate-mode', '-s', '0']
  arguments_.push('-B', String(options.bufferKib), '-w', '-')
  if (options.filter !== '') arguments_.push('--', options.filter)
  const child = spawn(options.tcpdump, arguments_, { stdio: ['ignore', 'pipe', 'pipe'] })
  const { stdout, stderr } = child
  let said = ''
  let dropped = 0
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(
        new RingfenceError('TAP_FAILED', `cannot capture ${options.interface}: ${why}`, {
          hint: 'needs tcpdump and the right to capture (CAP_NET_RAW); or feed a pcap stream to standard input',
          cause,
        }),
      )
    child.once('error', error => fail(messageOf(error), error))
    child.once('close', () => fail(said.trim().split('\n').at(-1) ?? 'tcpdump ended'))
    stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('latin1')).slice(-MAX_ERROR_CHARACTERS)
      if (said.includes('listening on ')) resolve()
      const total = lastDropCount(said)
      if (total <= dropped) return
      kernelDrops(total - dropped)
      dropped = total
    })
  })
  const asking = setInterval(() => child.kill('SIGUSR1'), ASK_MS)
  asking.unref()
  child.once('exit', () => clearInterval(asking))
  return { stream: stdout, stop: () => stop(child) }
}

function stop(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
}

/** The last `N packets dropped by kernel` of what tcpdump said; 0 when it has not said it. */
function lastDropCount(said: string): number {
  const matches = [...said.matchAll(/(\d+) packets? dropped by kernel/g)]
  return Number(matches.at(-1)?.[1] ?? 0)
}
