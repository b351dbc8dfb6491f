import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { hep3 } from './hep.ts'
import { type CapturedSip, readHepCapture } from './hep-capture.ts'

const sample = fileURLToPath(new URL('../../../test/data/sample.pcap', import.meta.url))

/**
 * Datagrams of the sample with the times of now, in order; from its beginning again when it is through, as the same people's
 * next calls: what was seen before under its Call-ID is a duplicate and gets no verdict.
 */
function sampleDatagrams(nowMs: () => number): () => Buffer {
  const messages = readHepCapture(sample)
  let sent = 0
  return () => {
    const round = Math.floor(sent / messages.length)
    const message = messages[sent++ % messages.length]!
    return datagramOf(round === 0 ? message : { ...message, bytes: inRound(message.bytes, round) }, nowMs())
  }
}

/** The message with a Call-ID and Via branches of its own round; RFC 3261 §8.1.1.7 wants the cookie to stay first. */
function inRound(bytes: Buffer, round: number): Buffer {
  const headEnd = bytes.indexOf('\r\n\r\n')
  const head = bytes
    .toString('latin1', 0, headEnd)
    .replace(/^Call-ID: /m, `Call-ID: ${round}.`)
    .replaceAll('branch=z9hG4bK', `branch=z9hG4bK${round}.`)
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes.subarray(headEnd)])
}

export interface SampleSender {
  readonly sent: () => number
  stop(): void
}

/** Sends the sample to a HEP tap on loopback, some datagrams every twentieth of a second, until it is stopped. */
export function sendSampleSteadily(hepPort: number, atOnce = 20): SampleSender {
  const socket = createSocket('udp4')
  const datagram = sampleDatagrams(Date.now)
  let sent = 0
  // A tap that was killed answers with an ICMP error: that is the test's intent.
  socket.on('error', () => {})
  const timer = setInterval(() => {
    for (let i = 0; i < atOnce; i++) {
      socket.send(datagram(), hepPort, '127.0.0.1', () => {})
      sent++
    }
  }, 50)
  return {
    sent: () => sent,
    stop() {
      clearInterval(timer)
      socket.close()
    },
  }
}

export interface PlayOptions {
  /** Those who behave, or those who attack (everyone of the table of truth who is not ordinary). */
  readonly who: 'ordinary' | 'attackers'
  /** So many times faster than it was recorded; what the datagrams say of their time is the recording's pace, up to now. */
  readonly speed: number
  /** Event time of the first datagram, milliseconds since the epoch. */
  readonly fromMs: number
}

/** Plays one side of the sample to a HEP tap on loopback, once. Resolves when all is sent; `stop` ends it early. */
export function playSample(
  hepPort: number,
  { who, speed, fromMs }: PlayOptions,
): { done: Promise<void>; stop(): void } {
  const truth = readFileSync(sample.replace(/pcap$/, 'truth.csv'), 'utf8').trim().split('\n').slice(1)
  const attackers = truth.map(line => line.split(',')).filter(([, role]) => role !== 'ordinary')
  const names = new Set(attackers.map(([party]) => party!.replace(/^\w+:/, '')))
  const isAttack = (message: CapturedSip) => {
    const user = /sip:([^@;>]+)/.exec(message.header('From'))?.[1] ?? ''
    const scanner = [message.source, message.destination].some(end => names.has(end.split(':')[0]!))
    return scanner || names.has(user) || names.has(`+${user}`)
  }
  const messages = readHepCapture(sample).filter(message => isAttack(message) === (who === 'attackers'))
  const firstMs = messages[0]!.timeMs
  const startedMs = Date.now()
  const socket = createSocket('udp4')
  socket.on('error', () => {})
  let next = 0
  let finish = () => {}
  const done = new Promise<void>(resolve => {
    finish = resolve
  })
  const stop = () => {
    clearInterval(timer)
    socket.close(finish)
  }
  const timer = setInterval(() => {
    const playedMs = (Date.now() - startedMs) * speed
    for (; next < messages.length && messages[next]!.timeMs - firstMs <= playedMs; next++)
      socket.send(
        datagramOf(messages[next]!, fromMs + messages[next]!.timeMs - firstMs),
        hepPort,
        '127.0.0.1',
        () => {},
      )
    if (next === messages.length) stop()
  }, 20)
  return { done, stop }
}

function datagramOf({ bytes, source, destination }: CapturedSip, timeMs: number): Buffer {
  const [from, to] = [source.split(':'), destination.split(':')]
  return hep3(bytes, {
    source: from[0]!,
    destination: to[0]!,
    sourcePort: Number(from[1]),
    destinationPort: Number(to[1]),
    timeMs: Math.floor(timeMs),
  })
}
