import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Value } from '@sinclair/typebox/value'
import { client, xml } from '@xmpp/client'
import { type XmppOptions, xmppConnector } from '../../connectors/xmpp/index.ts'
import { silent, testContext } from '../support/context.ts'
import { needs, requirePeer } from '../support/peers.ts'
import { startChild } from '../support/processes.ts'
import { freeTcpPort } from '../support/sockets.ts'

const scripts = {
  Latin: 'Señor <b>& "friends"',
  Greek: 'Καλημέρα',
  Cyrillic: 'Вы выиграли приз 🎁',
  Arabic: 'مبروك! ربحت جائزة',
  Hebrew: 'זכית בפרס',
  Devanagari: 'बधाई हो! आपने जीता',
  Han: '恭喜您中奖了𠮷',
  Thai: 'ยินดีด้วย',
}

describe('a real XMPP client, a real server and our component', { skip: needs('prosody', 'prosodyctl') }, () => {
  it('see the same messages in eight scripts, and the same spam report', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-prosody-'))
    const clientPort = await freeTcpPort()
    const componentPort = await freeTcpPort()
    const config = join(folder, 'prosody.cfg.lua')
    writeFileSync(
      config,
      `run_as_root = true
daemonize = false
data_path = "${folder}"
pidfile = "${folder}/prosody.pid"
interfaces = { "127.0.0.1" }
c2s_ports = { ${clientPort} }
component_ports = { ${componentPort} }
component_interfaces = { "127.0.0.1" }
s2s_ports = { }
http_ports = { }
https_ports = { }
modules_enabled = { "roster", "saslauth", "disco", "ping" }
modules_disabled = { "s2s", "http" }
authentication = "internal_plain"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
log = { info = "*console" }
VirtualHost "localhost"
Component "tap.localhost"
  component_secret = "s3cret"
`,
    )
    const add = startChild(requirePeer('prosodyctl'), ['--config', config, 'register', 'mallory', 'localhost', 'pw'])
    assert.equal(await add.ended, 0, add.output().stderr)
    const prosody = startChild(requirePeer('prosody'), ['--config', config, '-F'])
    const context = testContext({ logger: silent })
    const tap = await xmppConnector.open(
      {
        ...(Value.Default(xmppConnector.schema, {}) as XmppOptions),
        port: componentPort,
        domain: 'tap.localhost',
        secret: 's3cret',
        retryMs: 50,
      },
      context,
    )
    const mallory = client({
      service: `xmpp://127.0.0.1:${clientPort}`,
      domain: 'localhost',
      username: 'mallory',
      password: 'pw',
    })
    mallory.on('error', () => {})
    try {
      while (!/Activated service 'c2s'/.test(prosody.output().stdout)) {
        assert.ok(!prosody.hasEnded(), prosody.output().stdout)
        await delay(50)
      }
      while (!/successfully authenticated/.test(prosody.output().stdout)) await delay(50)
      await mallory.start()
      let id = 0
      for (const text of Object.values(scripts)) {
        await mallory.send(
          xml('message', { to: 'decoy@tap.localhost', type: 'chat', id: `m${++id}` }, xml('body', {}, text)),
        )
      }
      const report = xml(
        'iq',
        { to: 'tap.localhost', type: 'set' },
        xml(
          'block',
          { xmlns: 'urn:xmpp:blocking' },
          xml(
            'item',
            { jid: 'spam@localhost' },
            xml('report', { xmlns: 'urn:xmpp:reporting:1', reason: 'urn:xmpp:reporting:spam' }),
          ),
        ),
      )
      assert.equal((await mallory.iqCaller.request(report)).attrs.type, 'result')
      await context.emitted(2 * Object.keys(scripts).length + 1)
    } finally {
      await mallory.stop().catch(() => {})
      await tap.close()
      await prosody.stop()
      rmSync(folder, { recursive: true, force: true })
    }
    assert.deepEqual(
      context.messages().map(message => message.content?.text),
      Object.values(scripts),
    )
    assert.ok(context.messages().every(message => message.from.party === 'mallory@localhost'))
    const feedback = context.activities.find(activity => activity.kind === 'feedback')
    assert.equal(feedback?.from.party, 'spam@localhost')
    assert.equal(feedback?.to?.party, 'mallory@localhost')
  })
})
