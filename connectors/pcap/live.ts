import { constants, openSync, statSync } from 'node:fs'
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
  /** Will the source go on after its stream has ended: a FIFO's next writer, a capture that is started again? */
  readonly isEndless: boolean
}

/**
 * Opens what the options name: an interface, standard input, a FIFO or a file.
 * @throws RingfenceError TAP_FAILED, INPUT_UNREADABLE
 */
export async function openLiveSource(
  options: PcapOptions,
  kernelDrops: (packets: number) => void,
): Promise<LiveSource> {
  if (options.interface !== '') {
    return { ...(await captureInterface(options, kernelDrops)), isEndless: true }
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
  return { stream: process.stdin, stop: () => process.stdin.destroy(), isEndless: false }
}

/**
 * A FIFO opened without blocking: an ordinary open would wait for a writer in a thread that nothing can wake, and so would
 * every read.
 */
function fifo(path: string): LiveSource {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const stream = new Socket({ fd, readable: true, writable: false })
  return { stream, stop: () => stream.destroy(), isEndless: true }
}

async function file(path: string): Promise<LiveSource> {
  const stream = openSource(path, await headOf(path), () => {})
  return { stream, stop: () => stream.destroy(), isEndless: false }
}

function isFifo(path: string): boolean {
  try {
    return statSync(path).isFIFO()
  } catch (error) {
    throw unreadable(path, error)
  }
}
