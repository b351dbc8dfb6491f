import { setTimeout } from 'node:timers/promises'
import { messageOf } from '../../engine/errors/index.ts'
import { countDrop } from '../../engine/observe/index.ts'
import type { Connector, Tap, TapContext } from '../connector.ts'
import { type Correlator, createCorrelator } from '../correlate/index.ts'
import { messageProtocols } from '../streams/index.ts'
import { createDissector } from './dissect.ts'
import { holdFifo, type LiveSource, openLiveSource } from './live.ts'
import { type PcapOptions, pcapSchema } from './options.ts'
import { ordinaryReasons } from './ordinary.ts'
import { createCaptureReader } from './reader.ts'

/** Packets as captured: a stream of tcpdump, a file, an interface. */
export const pcapConnector: Connector<typeof pcapSchema> = {
  type: 'pcap',
  summary: 'packet capture: pcap or pcapng from standard input, a FIFO or a file, or an interface through tcpdump',
  schema: pcapSchema,
  open,
}

/** How long reading rests while the queue is full: the pipe, and then the kernel's capture buffer, bridge it. */
const CONGESTION_MS = 10
/** Wait before a source that ended is opened again; doubled each time that nothing was read in between. */
const REOPEN_MS = 500

async function open(options: PcapOptions, context: TapContext): Promise<Tap> {
  const { logger, counters } = context
  const correlator = createCorrelator(context)
  const kernelDrops = (packets: number) => countDrop(counters, 'kernel-overflow', packets)
  const closing = new AbortController()
  const isClosing = () => closing.signal.aborted
  let source = await openLiveSource(options, kernelDrops)
  const letGo = holdFifo(options)

  const run = async () => {
    let waitMs = REOPEN_MS
    for (;;) {
      const packets = await readOut(source, options, context, correlator, isClosing)
      if (isClosing() || source.maxReopenMs === 0) return
      waitMs = packets > 0 ? REOPEN_MS : Math.min(2 * waitMs, source.maxReopenMs)
      logger.info({ packets, waitMs }, 'the capture has ended, opening it again')
      source = await reopen(waitMs)
    }
  }
  const reopen = async (waitMs: number): Promise<LiveSource> => {
    for (;;) {
      await setTimeout(waitMs, undefined, { signal: closing.signal })
      try {
        return await openLiveSource(options, kernelDrops)
      } catch (error) {
        logger.error({ reason: messageOf(error) }, 'the capture cannot be opened again')
      }
    }
  }
  const finished = run().catch(error => {
    if (!isClosing()) logger.error({ reason: messageOf(error) }, 'the capture failed')
  })

  return {
    address: '',
    finished,
    async close() {
      closing.abort()
      source.stop()
      await finished
      letGo()
      correlator.close()
    },
  }
}

/** Reads one stream to its end. @returns the packets it held */
async function readOut(
  source: LiveSource,
  options: PcapOptions,
  context: TapContext,
  correlator: Correlator,
  isClosing: () => boolean,
): Promise<number> {
  const { counters, logger } = context
  const dissector = createDissector({
    signal: correlator.signal,
    dropped: reason => {
      if (!ordinaryReasons.has(reason)) countDrop(counters, reason)
    },
    maxInflatedBytes: options.maxInflatedBytes,
    protocols: messageProtocols,
  })
  const reader = createCaptureReader({
    packet(linkType, bytes, start, end, timeMs) {
      counters.received++
      counters.bytes += end - start
      dissector.packet(linkType, bytes, start, end, timeMs)
    },
    dropped(reason, packet) {
      countDrop(counters, reason)
      logger.warn({ reason, packet }, 'the capture is damaged')
    },
  })
  try {
    for await (const chunk of source.stream) {
      if (!reader.push(chunk as Uint8Array)) break
      while (context.congested() && !isClosing()) await setTimeout(CONGESTION_MS)
    }
  } catch (error) {
    if (!isClosing()) logger.error({ reason: messageOf(error) }, 'the capture cannot be read on')
  }
  source.stop()
  if (!isClosing()) reader.end()
  dissector.flush()
  return reader.packets
}
