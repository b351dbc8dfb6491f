import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Value } from '@sinclair/typebox/value'
import { type ArfOptions, arfConnector, readReport } from '../../../connectors/mail/index.ts'
import { testContext } from '../../support/context.ts'
import { generator, mutate } from '../messages/mutate.ts'

let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-arf-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** The layout of RFC 5965 appendix B.2, with addresses of our own. */
function report(
  fields: string,
  original = 'From: <somespammer@example.net>\r\nTo: <user@example.com>\r\nSubject: Earn money\r\n',
  type = 'message/rfc822',
) {
  return Buffer.from(
    `From: <abusedesk@example.com>\r\nDate: Thu, 8 Mar 2026 17:40:36 +0000\r\nSubject: FW: Earn money\r\nTo: <abuse@example.net>\r\nMessage-ID: <20260308@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report;\r\n boundary="part1_13d.2e68ed54_boundary"\r\n\r\n--part1_13d.2e68ed54_boundary\r\nContent-Type: text/plain; charset="US-ASCII"\r\nContent-Transfer-Encoding: 7bit\r\n\r\nThis is an email abuse report.\r\n--part1_13d.2e68ed54_boundary\r\nContent-Type: message/feedback-report\r\n\r\n${fields}\r\n--part1_13d.2e68ed54_boundary\r\nContent-Type: ${type}\r\nContent-Disposition: inline\r\n\r\n${original}Message-ID: 8787@example.net\r\n\r\nSpam Spam Spam\r\n--part1_13d.2e68ed54_boundary--\r\n`,
  )
}
const full =
  'Feedback-Type: abuse\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\nOriginal-Mail-From: <somespammer@example.net>\r\nOriginal-Rcpt-To: <user@example.com>\r\nArrival-Date: Thu, 8 Mar 2026 14:00:00 +0000\r\nReporting-MTA: dns; mail.example.com\r\nSource-IP: 192.0.2.1\r\n'

describe('an abuse report', () => {
  it('says who, by whom, from where and when', async () => {
    assert.deepEqual(await readReport(report(full)), {
      messageId: '<20260308@example.com>',
      type: 'abuse',
      reported: '<somespammer@example.net>',
      reporter: '<user@example.com>',
      sourceIp: '192.0.2.1',
      timeMs: Date.UTC(2026, 2, 8, 14),
      incidents: 1,
    })
  })

  it('takes from the mail in question what the report leaves out', async () => {
    for (const type of ['message/rfc822', 'text/rfc822-headers']) {
      const read = await readReport(
        report('Feedback-Type: abuse\r\nOriginal-Mail-From: <>\r\nIncidents: 3\r\n', undefined, type),
      )
      assert.ok(!('fault' in read), JSON.stringify(read))
      assert.deepEqual(
        [read.reported, read.reporter, read.incidents],
        ['<somespammer@example.net>', '<user@example.com>', 3],
      )
      assert.equal(read.timeMs, Date.UTC(2026, 2, 8, 17, 40, 36))
    }
  })

  it('is told from other mail', async () => {
    assert.deepEqual(await readReport(Buffer.from('Subject: hi\r\n\r\nhello')), { fault: 'no feedback report' })
    assert.deepEqual(await readReport(report('Version: 1\r\n')), { fault: 'report does not say who' })
    assert.deepEqual(await readReport(Buffer.alloc(0)), { fault: 'no feedback report' })
  })

  it('is read or refused whatever its damage', async () => {
    const next = generator(5)
    const out = new Uint8Array(8192)
    const seed = report(full)
    let read = 0
    for (let i = 0; i < 1000; i++) {
      const length = mutate(seed, out, next)
      if (!('fault' in (await readReport(out.slice(0, length))))) read++
    }
    assert.ok(read > 150, `${read} read`)
  })
})

describe('the mailbox of abuse reports', () => {
  it('gives feedback and takes the mails away once the event log has it', async () => {
    const path = mkdtempSync(join(folder, 'new-'))
    writeFileSync(join(path, '1.a'), report(full))
    writeFileSync(join(path, '2.b'), report(full.replace('abuse', 'not-spam')))
    writeFileSync(join(path, '3.c'), report(full.replace('abuse', 'auth-failure')))
    writeFileSync(join(path, '4.d'), 'Subject: hello\r\n\r\nno report')
    writeFileSync(join(path, '5.e'), Buffer.alloc(5000, 0x20))
    const context = testContext({ now: Date.now })
    const options = { ...(Value.Default(arfConnector.schema, {}) as ArfOptions), path, pollMs: 10, maxBytes: 4000 }
    const tap = await arfConnector.open(options, context)
    while (readdirSync(path).length > 2 || readdirSync(path).some(name => !name.endsWith('.rejected'))) {
      await new Promise(resolve => setImmediate(resolve))
    }
    await tap.close()
    assert.deepEqual(
      context.activities.map(
        a => a.kind === 'feedback' && [a.from.party, a.to?.party, a.source, a.opinion, a.route.peer],
      ),
      [
        ['somespammer@example.net', 'user@example.com', 'arf', 'spam', '192.0.2.1'],
        ['somespammer@example.net', 'user@example.com', 'arf', 'ham', '192.0.2.1'],
      ],
    )
    assert.notEqual(context.activities[0]!.id, context.activities[1]!.id)
    assert.deepEqual(Object.fromEntries(context.counters.dropped), {
      'not about spam': 1,
      'no feedback report': 1,
      'mail too large': 1,
    })
  })
})
