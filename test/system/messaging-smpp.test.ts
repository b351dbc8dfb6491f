import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import smpp, { type Received } from 'smpp'
import { startChild } from '../support/processes.ts'
import { readActivities, readVerdicts } from '../support/ringfence.ts'
import { startSmsc, submit } from '../support/smsc.ts'
import { eventually, freeTcpPort } from '../support/sockets.ts'

const mainProgram = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const BLAST = 300
const TEXT = 'You have won! Claim your prize of 1000 EUR at http://bit.ly/win-now before midnight'

describe('ringfence run between a real ESME and a real SMSC', () => {
  it('passes a blast unchanged and judges its sender', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-smpp-'))
    const smsc = await startSmsc()
    const [port, httpPort] = [await freeTcpPort(), await freeTcpPort()]
    const config = join(folder, 'ringfence.yaml')
    writeFileSync(
      config,
      `data: ${join(folder, 'data')}
identity: { defaultCountry: FR }
taps:
  - { name: smsc, type: smpp, host: 127.0.0.1, port: ${port}, upstreamPort: ${smsc.port} }
serve: { listen: "127.0.0.1:${httpPort}" }
`,
    )
    const ringfence = startChild(process.execPath, [mainProgram, 'run', '--config', config])
    const failed = () => (ringfence.hasEnded() ? JSON.stringify(ringfence.output()) : undefined)
    const sent: Buffer[] = []
    try {
      const ready = () =>
        fetch(`http://127.0.0.1:${httpPort}/readyz`).then(
          response => response.ok,
          () => false,
        )
      await eventually('ringfence run is ready', ready, { failed })
      const esme = smpp.connect({ host: '127.0.0.1', port })
      esme.on('error', () => {})
      await new Promise(resolve => esme.bind_transceiver({ system_id: 'shop' }, resolve))
      const answers = Array.from({ length: BLAST }, (_, i) => {
        const pdu = submit(i, '33612345678', TEXT)
        sent.push(pdu.toBuffer())
        return new Promise<Received>(resolve => esme.send(pdu, resolve))
      })
      for (const answer of await Promise.all(answers)) assert.equal(answer.command_status, 0)
      esme.socket.destroy()
      const judged = async () => (await readVerdicts(folder)).some(verdict => verdict.action !== 'allow')
      await eventually('the sender is judged', judged, { failed })
    } finally {
      await ringfence.stop('SIGTERM', 20_000)
      smsc.close()
    }
    const activities = await readActivities(folder)
    const verdicts = await readVerdicts(folder)
    rmSync(folder, { recursive: true, force: true })
    assert.ok(smsc.octets().equals(Buffer.concat(sent)), 'every PDU in its order, octet for octet')
    assert.equal(activities.filter(activity => activity.role === 'origin').length, BLAST)
    const flagged = new Set(verdicts.filter(verdict => verdict.action !== 'allow').map(verdict => verdict.party))
    assert.deepEqual([...flagged], ['+33612345678'])
    assert.ok(activities.every(activity => activity.route.trunk === 'shop'))
  })
})
