import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Value } from '@sinclair/typebox/value'
import { type RspamdOptions, rspamdConnector } from '../../connectors/mail/index.ts'
import { testContext } from '../support/context.ts'
import { needs, requirePeer } from '../support/peers.ts'
import { type Child, startChild } from '../support/processes.ts'
import { freeTcpPort } from '../support/sockets.ts'

const token = 'a-token-of-some-length'
/** Rspamd with its metadata exporter and nothing else: no rules to compile, no maps or names from the network. */
function startRspamd(folder: string, port: number, endpoint: string): Child {
  const config = join(folder, 'rspamd.conf')
  const rule = join(folder, 'rule.lua')
  // GTUBE would not do: Rspamd's own answer to it skips the exporter.
  writeFileSync(
    rule,
    `rspamd_config:register_symbol({ name = 'TEST_WIN', type = 'normal', score = 20.0,
  callback = function(task) return task:get_subject() == 'Win' end })\n`,
  )
  writeFileSync(
    config,
    `options { filters = ""; disable_hyperscan = true; tempdir = "${folder}";
  dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1; retransmits = 1; } }
logging { type = "console"; level = "notice"; }
worker "normal" { bind_socket = "127.0.0.1:${port}"; count = 1; }
actions { reject = 15; add_header = 6; greylist = 4; }
lua = "${rule}";
modules { path = "/usr/share/rspamd/plugins/metadata_exporter.lua"; }
metadata_exporter { rules { RINGFENCE {
  backend = "http"; url = "http://${endpoint}/v1/rspamd"; formatter = "json"; mime_type = "application/json";
  user = "mx1"; password = "${token}"; } } }
`,
  )
  return startChild(requirePeer('rspamd'), [
    '-f',
    '-i',
    '-c',
    config,
    `--var=DBDIR=${folder}`,
    `--var=RUNDIR=${folder}`,
  ])
}

describe('a real Rspamd that posts its metadata', { skip: needs('rspamd') }, () => {
  it('gives a message for each recipient, and feedback for what it rejects', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-rspamd-'))
    const context = testContext()
    const defaults = Value.Default(rspamdConnector.schema, {}) as RspamdOptions
    const tap = await rspamdConnector.open({ ...defaults, port: 0, tokens: [{ name: 'mx1', token }] }, context)
    const port = await freeTcpPort()
    const rspamd = startRspamd(folder, port, tap.address)
    const check = (subject: string, body: string, recipients: readonly string[]) => {
      const headers = new Headers({ From: 'alice@example.com', IP: '203.0.113.9' })
      for (const recipient of recipients) headers.append('Rcpt', recipient)
      const mail = `From: Alice <alice@example.com>\r\nTo: bob@example.org\r\nSubject: ${subject}\r\nDate: Thu, 8 Jan 2026 14:00:00 +0000\r\nMessage-ID: <${subject.length}@example.com>\r\n\r\n${body}\r\n`
      return fetch(`http://127.0.0.1:${port}/checkv2`, { method: 'POST', headers, body: mail })
    }
    try {
      for (;;) {
        assert.ok(!rspamd.hasEnded(), `${rspamd.output().stdout}\n${rspamd.output().stderr}`)
        if (
          await fetch(`http://127.0.0.1:${port}/ping`).then(
            response => response.ok,
            () => false,
          )
        )
          break
        await delay(100)
      }
      const ham = await check('Lunch tomorrow', 'Shall we meet at noon?', ['bob@example.org'])
      assert.equal(ham.status, 200)
      await context.emitted(2)
      const spam = await check('Win', 'You have won', ['bob@example.org'])
      assert.equal(((await spam.json()) as { action: string }).action, 'reject')
      await context.emitted(5)
    } finally {
      await tap.close()
      await rspamd.stop()
      rmSync(folder, { recursive: true, force: true })
    }
    const [lunch, win] = context.messages()
    assert.equal(lunch?.from.party, 'alice@example.com')
    assert.equal(lunch?.to?.party, 'bob@example.org')
    assert.equal(lunch?.content?.text, 'Lunch tomorrow')
    assert.equal(lunch?.route.peer, '203.0.113.9')
    assert.equal(win?.content?.text, 'Win')
    const feedback = context.activities.filter(activity => activity.kind === 'feedback')
    assert.deepEqual(
      feedback.map(said => [said.from.party, said.kind === 'feedback' && said.source]),
      [['alice@example.com', '608']],
    )
  })
})
