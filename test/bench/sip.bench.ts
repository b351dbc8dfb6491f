import { Parser } from 'sip.js/lib/core/messages/parser.js'
import type { Envelope } from '../../connectors/signal.ts'
import {
  checkSip,
  createSipAddress,
  createSipMessage,
  createSipObserver,
  createSipStream,
  Header,
  readAddress,
  readSip,
  type SipMessage,
} from '../../connectors/sip/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { tapCounters } from '../../engine/observe/index.ts'
import { mixedCorpus } from './sip/corpus.ts'

const EXCHANGES = 3000
const RUNS = 5
/** sip.js reads about a thousand a second: fewer of the same messages are enough for it. */
const PEER_EXCHANGES = 20

const address = createSipAddress()
const quiet = { error() {}, warn() {}, log() {}, debug() {} }

/** What a dialog needs of a message, as text, the way sip.js's parser gives it: Call-ID, From and To with their tags, Via. */
function decode(message: SipMessage, corpus: Buffer): number {
  const { bytes, first, valueStarts, valueEnds } = message
  const callId = first[Header.callId]!
  let size = corpus.toString('latin1', valueStarts[callId]!, valueEnds[callId]!).length
  for (const code of [Header.from, Header.to]) {
    const line = first[code]!
    readAddress(address, bytes, valueStarts[line]!, valueEnds[line]!)
    size += corpus.toString('latin1', address.uri.userStart, address.uri.userEnd).length
    size += corpus.toString('latin1', address.uri.hostStart, address.uri.hostEnd).length
    size += corpus.toString('latin1', address.paramsStart, address.paramsEnd).length
  }
  const via = first[Header.via]!
  return size + corpus.toString('latin1', valueStarts[via]!, valueEnds[via]!).length
}

/** Best of some runs, per second of this process's own CPU time: other work on the machine does not count. */
function rate(count: number, runs: number, work: () => void): number {
  let best = 0
  for (let run = 0; run < runs; run++) {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    best = Math.max(best, count / ((user + system) / 1e6))
  }
  return Math.round(best)
}

/**
 * SIP reading on one core over a mix of real kinds of message: located only, located and decoded, fully checked, into
 * activity, from a stream; and sip.js's parser over the same mix in the same run.
 */
export async function sipBench(): Promise<Record<string, unknown>> {
  const messages = mixedCorpus(EXCHANGES)
  const corpus = Buffer.concat(messages)
  const ends = new Int32Array(messages.length + 1)
  messages.forEach((message, i) => {
    ends[i + 1] = ends[i]! + message.length
  })
  const count = messages.length
  const message = createSipMessage()
  let kept = 0

  const located = rate(count, RUNS, () => {
    for (let i = 0; i < count; i++) readSip(message, corpus, ends[i]!, ends[i + 1]!)
  })
  const decoded = rate(count, RUNS, () => {
    for (let i = 0; i < count; i++) {
      readSip(message, corpus, ends[i]!, ends[i + 1]!)
      kept += decode(message, corpus)
    }
  })
  const checked = rate(count, RUNS, () => {
    for (let i = 0; i < count; i++) {
      readSip(message, corpus, ends[i]!, ends[i + 1]!)
      if (checkSip(message) !== undefined) throw new Error('the corpus is valid')
    }
  })
  const framed = rate(count, RUNS, () => {
    const stream = createSipStream(
      () => kept++,
      () => {},
    )
    for (let at = 0; at < corpus.length; at += 1448) stream.push(corpus, at, Math.min(at + 1448, corpus.length))
  })

  const identity = createIdentity({ defaultCountry: 'FR' })
  const envelope: Envelope = {
    timeMs: 0,
    source: '198.51.100.2',
    sourcePort: 5060,
    destination: '203.0.113.9',
    destinationPort: 5060,
    transport: 'udp',
    correlationId: '',
  }
  let activities = 0
  const observed = rate(count, RUNS + 2, () => {
    activities = 0
    const observer = createSipObserver({ tap: 'bench', identity, counters: tapCounters(), emit: () => activities++ })
    for (let i = 0; i < count; i++) {
      envelope.timeMs = 1_764_000_000_000 + i
      observer.observe(corpus, ends[i]!, ends[i + 1]!, envelope)
    }
  })

  const texts = mixedCorpus(PEER_EXCHANGES).map(bytes => bytes.toString())
  const peer = rate(texts.length, 3, () => {
    for (const text of texts)
      if (Parser.parseMessage(text, quiet as never) === undefined) throw new Error('sip.js cannot read it')
  })
  return {
    unit: 'messages per second of CPU, one core',
    messages: count,
    meanBytes: Math.round(corpus.length / count),
    located,
    decoded,
    checked,
    framed,
    observed,
    activitiesPerMessage: Number((activities / count).toFixed(2)),
    sipJsParser: peer,
    ratioToSipJs: Math.round(decoded / peer),
    ratioCheckedToSipJs: Math.round(checked / peer),
    kept: kept > 0,
  }
}
