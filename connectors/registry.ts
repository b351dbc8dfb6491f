import { pcapRecording } from './pcap/index.ts'
import type { RecordingFormat } from './recording.ts'

/** File formats that `replay` and `inspect` read, the most telling content first. */
export const recordingFormats: readonly RecordingFormat[] = [pcapRecording]
