import type { RecordingContext, RecordingFormat, RecordingSink } from '../recording.ts'
import { messageProtocols } from '../streams/index.ts'
import { createDissector } from './dissect.ts'
import { ordinaryReasons } from './ordinary.ts'
import { createCaptureReader, isCapture } from './reader.ts'
import { headOf, inflateHead, isGzip, isInflateError, openSource, unreadable } from './source.ts'

/** pcap and pcapng files, gzip or plain, of any size: read in one pass, a chunk at a time. */
export const pcapRecording: RecordingFormat = {
  format: 'pcap',
  detect: head => isCapture(isGzip(head) ? inflateHead(head) : head),
  read,
}

async function read(path: string, sink: RecordingSink, context: RecordingContext): Promise<void> {
  const dissector = createDissector({
    signal: sink.signal,
    dropped: reason => {
      if (!ordinaryReasons.has(reason)) sink.dropped(reason, `packet ${reader.packets}`)
    },
    protocols: messageProtocols,
  })
  const reader = createCaptureReader({
    packet: dissector.packet,
    dropped: (reason, packet) => sink.dropped(reason, `packet ${packet}`),
  })
  try {
    for await (const chunk of openSource(path, await headOf(path), context.progress)) {
      if (!reader.push(chunk as Uint8Array)) break
      await context.ready?.()
    }
  } catch (error) {
    if (!isInflateError(error)) throw unreadable(path, error)
    sink.dropped('bad-compression', `packet ${reader.packets + 1}`)
  }
  reader.end()
  dissector.flush()
}
