import { RingfenceError } from '../../engine/errors/index.ts'
import { headOf } from '../pcap/index.ts'
import type { RecordingContext, RecordingSink } from '../recording.ts'
import { recordingFormats } from '../registry.ts'

/** A recording whose format has been recognised. */
export interface Recording {
  readonly format: string
  /** Gives what it holds, in order. @throws RingfenceError INPUT_UNREADABLE */
  read(sink: RecordingSink, context: RecordingContext): Promise<void>
}

/**
 * Recognises a file's format by its content, among the registered ones.
 * @throws RingfenceError INPUT_UNREADABLE when it cannot be opened, INPUT_INVALID when no format is recognised
 */
export async function openRecording(path: string): Promise<Recording> {
  const head = await headOf(path)
  const found = recordingFormats.find(format => format.detect(head, path))
  if (found === undefined) {
    const what = head.length === 0 ? 'the file is empty' : 'its format is not recognised'
    throw new RingfenceError('INPUT_INVALID', `cannot read ${path}: ${what}`, {
      hint: `formats: ${recordingFormats.map(({ format }) => format).join(', ')}`,
    })
  }
  return { format: found.format, read: (sink, context) => found.read(path, sink, context) }
}
