import { closeSync, constants, openSync, statSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { RingfenceError } from '../../engine/errors/index.ts'
import type { PcapOptions } from './options.ts'
import { headOf, openSource, unreadable } from './source.ts'
import { captureInterface } from './tcpdump.ts'

/** Where a live capture comes from. */
export interface LiveSource {
  readonly stream: Readable
  stop(): void
  /**
   * The source goes on after its stream has ended (a FIFO's next writer, a capture that is started again): it is opened
   * anew after a wait that grows to this while nothing comes. 0: it does not.
   */
  readonly maxReopenMs: number
}

/** Where a capture program fails to start, trying faster would only fill the log. */
const MAX_RESTART_MS = 30_000
/** A FIFO's next writer is not kept waiting: its pipe holds 64 KiB. */
const FIFO_REOPEN_MS = 500

/**
 * Opens what the options name: an interface, standard input, a FIFO or a file.
 * @throws RingfenceError TAP_FAILED, INPUT_UNREADABLE
 */
export async function openLiveSource(
  options: PcapOptions,
  kernelDrops: (packets: number) => void,
): Promise<LiveSource> {
  if (options.interface !== '') {
    return { ...(await captureInterface(options, kernelDrops)), maxReopenMs: MAX_RESTART_MS }
  }
  if (options.file === '-') return standardInput()
  return isFifo(options.file) ? fifo(options.file) : file(options.file)
}

function standardInput(): LiveSource {
  if (process.stdin.isTTY) {
    throw new RingfenceError('TAP_FAILED', 'standard input is a terminal, no capture', {
      hint: 'tcpdump -U -w - … | ringfence run …, or name a file, a FIFO or an interface',
    })
  }
  return { stream: process.stdin, stop: () => process.stdin.destroy(), maxReopenMs: 0 }
}

/**
 * A FIFO opened without blocking: an ordinary open would wait for a writer in a thread that nothing can wake, and so would
 * every read.
 */
function fifo(path: string): LiveSource {
  const stream = new Socket({ fd: openForReading(path), readable: true, writable: false })
  return { stream, stop: () => stream.destroy(), maxReopenMs: FIFO_REOPEN_MS }
}

const openForReading = (path: string) => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)

/**
 * Keeps a FIFO open for reading, whoever writes to it: a writer that opens it between one capture's end and the opening
 * for the next would else be cut off (EPIPE). What it writes meanwhile waits in the pipe.
 * @returns lets go of it; does nothing for any other source
 * @throws RingfenceError INPUT_UNREADABLE
 */
export function holdFifo(options: PcapOptions): () => void {
  const { file, interface: captured } = options
  if (captured !== '' || file === '-' || !isFifo(file)) return () => {}
  const fd = openForReading(file)
  return () => closeSync(fd)
}

async function file(path: string): Promise<LiveSource> {
  const stream = openSource(path, await headOf(path), () => {})
  return { stream, stop: () => stream.destroy(), maxReopenMs: 0 }
}

function isFifo(path: string): boolean {
  try {
    return statSync(path).isFIFO()
  } catch (error) {
    throw unreadable(path, error)
  }
}
