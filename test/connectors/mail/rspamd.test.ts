import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { Value } from '@sinclair/typebox/value'
import { type RspamdOptions, rspamdConnector } from '../../../connectors/mail/index.ts'
import { testContext } from '../../support/context.ts'

const closers: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closers) await close()
})

const token = 'a-token-of-some-length'

async function setUp(options: Partial<RspamdOptions> = {}) {
  const context = testContext()
  const defaults = Value.Default(rspamdConnector.schema, {}) as RspamdOptions
  const tap = await rspamdConnector.open(
    { ...defaults, port: 0, tokens: [{ name: 'mx1', token }], ...options },
    context,
  )
  closers.push(() => tap.close())
  const basic = Buffer.from(`mx1:${token}`).toString('base64')
  const post = (body: unknown, authorization = `Basic ${basic}`) =>
    fetch(`http://${tap.address}/v1/rspamd`, {
      method: 'POST',
      headers: { authorization },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return { context, post }
}

/** As the exporter's json formatter writes it. */
const metadata = {
  ip: '203.0.113.9',
  user: 'unknown',
  qid: 'ABC',
  subject: 'You have won a prize, click now',
  action: 'no action',
  score: 1.5,
  rcpt: ['bob@example.org', 'eve@example.net'],
  from: 'alice@example.com',
  symbols: [{ name: 'R_SPF_ALLOW', score: -0.2, options: ['+ip4:203.0.113.9'] }],
  fuzzy: [],
  scan_time: 12,
  header_from: ['Alice <alice@example.com>'],
  message_id: 'm1@example.com',
}

describe('metadata that Rspamd posts', () => {
  it('becomes a message for each recipient, with its judgement as features', async () => {
    const { context, post } = await setUp()
    const response = await post(metadata)
    assert.deepEqual([response.status, await response.json()], [200, { accepted: 1 }])
    const messages = context.messages()
    assert.deepEqual(
      messages.map(message => [message.from.party, message.to?.party, message.route.trunk, message.route.peer]),
      [
        ['alice@example.com', 'bob@example.org', 'mx1', '203.0.113.9'],
        ['alice@example.com', 'eve@example.net', 'mx1', '203.0.113.9'],
      ],
    )
    const features = { rspamd_score: 1.5, rspamd_action: 0 }
    assert.deepEqual(messages[0]?.content, { type: 'message/rfc822', text: metadata.subject, features })
    assert.equal(context.activities.filter(activity => activity.kind === 'feedback').length, 0)
  })

  it('becomes feedback of a machine where Rspamd calls it spam', async () => {
    const { context, post } = await setUp()
    await post({ ...metadata, action: 'reject', rcpt: ['bob@example.org'], user: 'customer7' })
    const feedback = context.activities.find(activity => activity.kind === 'feedback')
    assert.equal(feedback?.kind === 'feedback' && feedback.source, '608')
    assert.equal(feedback?.route.trunk, 'customer7')
  })

  it('keeps no subject where the policy says so', async () => {
    const { context, post } = await setUp({ content: { policy: 'none', withoutConsent: 'none', jurisdictions: {} } })
    await post(metadata)
    assert.equal(context.messages()[0]?.content, undefined)
  })

  it('is counted by its reason when it is none, and not asked for again', async () => {
    const { context, post } = await setUp({ maxRecipients: 3 })
    for (const body of [
      '{',
      '[]',
      '['.repeat(50),
      { ...metadata, from: 'unknown', header_from: 'unknown' },
      { ...metadata, rcpt: 'unknown' },
      { ...metadata, rcpt: [7, {}, 'nobody'] },
      { ...metadata, rcpt: ['a@b.c', 'b@b.c', 'c@b.c', 'd@b.c'] },
    ]) {
      assert.equal((await post(body)).status, 200)
    }
    assert.equal((await post(metadata, 'Basic bm9ib2R5Og==')).status, 401)
    assert.deepEqual(Object.fromEntries(context.counters.dropped), {
      'not JSON': 1,
      'not metadata': 1,
      'nested too deep': 1,
      'no sender or recipient': 3,
      'too many recipients': 1,
      unauthorized: 1,
    })
    assert.equal(context.activities.length, 0)
  })
})
