import { createSocket } from 'node:dgram'
import { fileURLToPath } from 'node:url'
import { hep3 } from './hep.ts'
import { readHepCapture } from './hep-capture.ts'

const sample = fileURLToPath(new URL('../../../test/data/sample.pcap', import.meta.url))

/** Datagrams of the sample with the times of now, in order; from its beginning again when it is through. */
export function sampleDatagrams(nowMs: () => number): () => Buffer {
  const messages = readHepCapture(sample)
  let next = 0
  return () => {
    const { bytes, source, destination } = messages[next++ % messages.length]!
    const [from, to] = [source.split(':'), destination.split(':')]
    return hep3(bytes, {
      source: from[0]!,
      destination: to[0]!,
      sourcePort: Number(from[1]),
      destinationPort: Number(to[1]),
      timeMs: nowMs(),
    })
  }
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
