import { chatConnector } from './chat/index.ts'
import type { Connector } from './connector.ts'
import { decoyConnector } from './decoy/index.ts'
import { hepConnector } from './hep/index.ts'
import { arfConnector, rspamdConnector } from './mail/index.ts'
import { pcapConnector, pcapRecording } from './pcap/index.ts'
import type { RecordingFormat } from './recording.ts'
import { recordFormats, recordsConnector } from './records/index.ts'
import { sipFileFormat } from './sip/index.ts'
import { smppConnector } from './smpp/index.ts'
import { websocketConnector } from './websocket/index.ts'
import { xmppConnector } from './xmpp/index.ts'

/** Kinds of tap, by the `type` that configuration names. */
export const connectors: readonly Connector[] = [
  hepConnector,
  pcapConnector,
  websocketConnector,
  decoyConnector,
  smppConnector,
  chatConnector,
  xmppConnector,
  recordsConnector,
  rspamdConnector,
  arfConnector,
]

/** File formats that `replay` and `inspect` read, the most telling content first. */
export const recordingFormats: readonly RecordingFormat[] = [pcapRecording, sipFileFormat, ...recordFormats]
