import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { editionOf, type FeedEntry } from '../../engine/feeds/edition.ts'
import { htable, secfilter } from '../../engine/feeds/kamailio.ts'
import { type RunningKamailio, startKamailio } from '../support/kamailio.ts'
import { needs } from '../support/peers.ts'
import { freeUdpPort } from '../support/sockets.ts'

const template = join(fileURLToPath(new URL('../../../test/system/', import.meta.url)), 'feeds.cfg')
const nowMs = Date.now()
const entry = (party: string, endsInMs: number): FeedEntry => ({
  party,
  action: 'block',
  category: 'robocall',
  untilMs: nowMs + endsInMs,
  source: 'reputation',
})

describe('the feeds in a real Kamailio', { skip: needs('kamailio') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-feeds-'))
  let kamailio: RunningKamailio
  let port = 0
  before(
    async () => {
      const entries = [
        entry('+33612345678', 3_600_000),
        entry('+33611111111', -1000),
        entry('a:b\\c@x.example', 3_600_000),
      ]
      const edition = editionOf(entries, nowMs, 3_600_000)
      writeFileSync(join(folder, 'htable'), htable(edition))
      writeFileSync(join(folder, 'secfilter'), secfilter(edition))
      const versions = 'id(int,auto) table_name(string) table_version(int)\n1:htable:2\n2:secfilter:1\n'
      writeFileSync(join(folder, 'version'), versions)
      port = await freeUdpPort()
      kamailio = await startKamailio({
        edge: `127.0.0.1:${port}`,
        collector: '127.0.0.1:9',
        callees: '127.0.0.1:9',
        inboxes: '127.0.0.1:9',
        template,
        values: { TABLES: folder },
      })
    },
    { timeout: 30_000 },
  )
  after(async () => {
    await kamailio?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('block whom htable holds, and nobody whose time is over', { timeout: 20_000 }, async () => {
    assert.equal(await ask(port, 'MESSAGE', '+33612345678'), 603, kamailio.log())
    assert.equal(await ask(port, 'MESSAGE', '+33611111111'), 200)
    assert.equal(await ask(port, 'MESSAGE', '+33600000000'), 200)
  })
  it('block whom secfilter holds', { timeout: 20_000 }, async () => {
    assert.equal(await ask(port, 'INFO', '+33612345678'), 608, kamailio.log())
    assert.equal(await ask(port, 'INFO', '+33600000000'), 200)
  })
})

/** One request from a number over UDP, sent again until it is answered; the status. */
async function ask(port: number, method: string, from: string): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  const own = socket.address().port
  const text = [
    `${method} sip:bob@ims.test SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bK${own};rport`,
    'Max-Forwards: 70',
    `From: <sip:${from}@ims.test>;tag=m`,
    'To: <sip:bob@ims.test>',
    `Call-ID: ${method}-${own}`,
    `CSeq: 1 ${method}`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
  const again = setInterval(() => socket.send(text, port, '127.0.0.1'), 500)
  try {
    return await new Promise(resolve => {
      socket.on('message', response => resolve(Number(/^SIP\/2\.0 (\d{3})/.exec(String(response))?.[1])))
      socket.send(text, port, '127.0.0.1')
    })
  } finally {
    clearInterval(again)
    socket.close()
  }
}
