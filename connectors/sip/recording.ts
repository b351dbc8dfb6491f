import { open } from 'node:fs/promises'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import type { RecordingFormat } from '../recording.ts'
import { emptyEnvelope } from '../signal.ts'
import { createSipMessage } from './message.ts'
import { readSip } from './read.ts'

/** A datagram holds no more, and a file of one message that is larger is something else. */
const MAX_BYTES = 1 << 20

/**
 * Raw SIP, one message a file (`.sip`, `.dat`): recognised by its start line, or by its name where the start line is what
 * is broken. There is no capture time and no address in it: the time is 0 and the source is empty.
 */
export const sipFileFormat: RecordingFormat = {
  format: 'sip',
  detect(head, path) {
    return readSip(createSipMessage(), head, 0, head.length) || (/\.(sip|dat)$/i.test(path) && looksLikeText(head))
  },
  async read(path, sink, context) {
    const bytes = await contentOf(path)
    context.progress(bytes.length)
    if (bytes.length > MAX_BYTES) {
      sink.dropped('too-long', 'byte 1048576')
      return
    }
    sink.signal('sip', bytes, 0, bytes.length, emptyEnvelope())
  },
}

function looksLikeText(head: Uint8Array): boolean {
  return head.length > 0 && !head.subarray(0, 64).includes(0)
}

async function contentOf(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r')
    try {
      const bytes = new Uint8Array(MAX_BYTES + 1)
      let length = 0
      for (;;) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length)
        if (bytesRead === 0) break
        length += bytesRead
      }
      return bytes.subarray(0, length)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new RingfenceError('INPUT_UNREADABLE', `${path}: ${messageOf(error)}`, { cause: error })
  }
}
