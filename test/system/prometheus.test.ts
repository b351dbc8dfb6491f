import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { hep3 } from '../support/hep.ts'
import { readHepCapture } from '../support/hep-capture.ts'
import { needs, requirePeer } from '../support/peers.ts'
import { startChild } from '../support/processes.ts'
import { type RunningRingfence, startRingfence } from '../support/ringfence.ts'
import { eventually, freeTcpPort, freeUdpPort } from '../support/sockets.ts'

const sample = fileURLToPath(new URL('../../../test/data/sample.pcap', import.meta.url))
const SENT = 400

/** The beginning of the sample, to the tap. */
async function sendSample(hepPort: number): Promise<void> {
  const socket = createSocket('udp4')
  const messages = readHepCapture(sample).slice(0, SENT)
  for (const { bytes, timeMs, source, destination } of messages) {
    const [from, to] = [source.split(':'), destination.split(':')]
    const ends = { source: from[0]!, destination: to[0]!, sourcePort: Number(from[1]), destinationPort: Number(to[1]) }
    const datagram = hep3(bytes, { ...ends, timeMs: Math.floor(timeMs) })
    await new Promise<void>((done, failed) =>
      socket.send(datagram, hepPort, '127.0.0.1', error => (error ? failed(error) : done())),
    )
  }
  socket.close()
}

async function withRingfence(
  play: (ringfence: RunningRingfence, httpPort: number, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-prometheus-'))
  const [hepPort, httpPort] = [await freeUdpPort(), await freeTcpPort()]
  const ringfence = await startRingfence({ folder, hepPort, httpPort })
  try {
    await sendSample(hepPort)
    const received = async () => (await ringfence.metric('ringfence_tap_received_total')) === SENT
    await eventually('the sample is received', received)
    await play(ringfence, httpPort, folder)
  } finally {
    await ringfence.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Value of an instant query's only series, undefined while there is none. */
async function query(port: number, expression: string): Promise<number | undefined> {
  const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`
  const answer = await fetch(url).catch(() => undefined)
  if (answer?.ok !== true) return undefined
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
  return data.result[0] === undefined ? undefined : Number(data.result[0].value[1])
}

describe('metrics', { skip: needs('prometheus', 'promtool') }, () => {
  it('are what promtool calls well-formed, and name no subscriber', async () => {
    await withRingfence(async (_, httpPort) => {
      const text = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text()
      const check = spawnSync(requirePeer('promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' })
      // prom-client's own gauges of Node's handles are called _total; ours must be without fault.
      const faults = check.stderr.split('\n').filter(line => line !== '' && !line.includes('_nodejs_active_'))
      assert.deepEqual(faults, [])
      const labels = text.split('\n').flatMap(line => /\{(.*)\}/.exec(line)?.[1] ?? [])
      assert.deepEqual(
        labels.filter(label => /\+\d{6,}|@|sip:|\b\d{1,3}(\.\d{1,3}){3}\b/.test(label)),
        [],
      )
    })
  })

  it('are scraped by a real Prometheus', async () => {
    await withRingfence(async (_, httpPort, folder) => {
      const port = await freeTcpPort()
      const configuration = join(folder, 'prometheus.yml')
      writeFileSync(
        configuration,
        `global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: ringfence\n    static_configs: [{ targets: ['127.0.0.1:${httpPort}'] }]\n`,
      )
      const data = join(folder, 'prometheus')
      const prometheus = startChild(requirePeer('prometheus'), [
        `--config.file=${configuration}`,
        `--storage.tsdb.path=${data}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ])
      try {
        const failed = () => (prometheus.hasEnded() ? prometheus.output().stderr : undefined)
        await eventually('the target is up', async () => (await query(port, 'up{job="ringfence"}')) === 1, { failed })
        const scraped = 'ringfence_tap_received_total{tap="hep-1"}'
        await eventually('its counts are there', async () => (await query(port, scraped)) === SENT, { failed })
      } finally {
        await prometheus.stop()
      }
    })
  })
})
