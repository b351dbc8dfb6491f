import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Feedback, Reputation, Verdict } from '../../../engine/activity/index.ts'
import { openEmbeddedLog } from '../../../engine/log/index.ts'
import { eventually } from '../../support/sockets.ts'
import { type Json, type ServiceScene, startScene } from './scene.ts'

const NOW = Date.now()
const says = { en: 'Dials many', fr: 'Appelle beaucoup' }

function verdict(i: number, party: string, action: Verdict['action']): Verdict {
  return {
    id: `v${i}`,
    activity: `a${i}`,
    role: 'origin',
    kind: 'call.attempt',
    time: NOW - 100_000 + i,
    party,
    score: i,
    action,
    category: 'robocall',
    reasons: [],
    pack: 'p',
  }
}

const reputation = (party: string): Reputation => ({
  party,
  time: NOW,
  score: 14,
  action: 'block',
  category: 'robocall',
  reasons: [{ symbol: 'ROBOCALL', score: 14, state: 'enforce', says, evidence: { 'origin.calls_10m': 80 } }],
  first: NOW - 1000,
  last: NOW,
  activities: 80,
  expires: NOW + 3_600_000,
  pack: 'p',
})

/** A log with a past, written before the service starts. */
async function seed(folder: string): Promise<void> {
  const log = await openEmbeddedLog({ directory: folder, partitions: 3 })
  const encode = (value: object) => Buffer.from(JSON.stringify(value))
  for (let i = 0; i < 60; i++) {
    const party = `+3316200000${i % 3}`
    const value = encode(verdict(i, party, i % 2 === 0 ? 'block' : 'allow'))
    await log.append([{ topic: 'ringfence.verdicts', key: party, value, timeMs: NOW }])
  }
  await log.append(
    ['+33162000000', 'bob@example.net'].map(party => ({
      topic: 'ringfence.reputation' as const,
      key: party,
      value: encode(reputation(party)),
      timeMs: NOW,
    })),
  )
  await log.close()
}

describe('the API of a running service', () => {
  let scene: ServiceScene
  before(async () => {
    const { mkdtempSync } = await import('node:fs')
    const { tmpdir } = await import('node:os')
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-service-'))
    await seed(folder)
    scene = await startScene(['log: { partitions: 3 }'], ['engine', 'serve'], folder)
  })
  after(() => scene.close())

  it('decides from the reputation topic as it was on the log', async () => {
    const { body } = await scene.ask('POST', '/v1/decide', { role: 'switch', body: { from: '0162000000', to: '112' } })
    assert.deepEqual([body.action, body.exempt], ['allow', 'emergency'])
    const blocked = await scene.ask('POST', '/v1/decide', {
      role: 'switch',
      body: { from: '0162000000', callId: 'x@y' },
    })
    assert.deepEqual([blocked.body.action, blocked.body.callId, blocked.body.known], ['block', 'x@y', true])
    assert.ok(blocked.body.staleMs < 10_000)
    const { body: metrics } = await scene.ask('GET', '/metrics')
    assert.match(metrics, /^ringfence_decisions_total\{action="block",via="http"\} 1$/m)
    assert.match(metrics, /^ringfence_reputation_parties 2$/m)
    assert.match(metrics, /^ringfence_reputation_stale_seconds \d/m)
  })

  it('tells all that is known of a party, and answers for unknown ones neutrally', async () => {
    const { body } = await scene.ask('GET', '/v1/parties/+33162000000', { role: 'regulator' })
    assert.equal(body.known, true)
    assert.deepEqual(body.reputation.reasons[0].evidence, { 'origin.calls_10m': 80 })
    assert.equal(body.now.action, 'block')
    assert.deepEqual(body.number, { isNumber: true, valid: true, type: 'fixed', country: 'FR' })
    const address = await scene.ask('GET', `/v1/parties/${encodeURIComponent('sip:bob@example.net')}`, {
      role: 'analyst',
    })
    assert.equal(address.body.reputation.party, 'bob@example.net')
    const { status, body: unknown } = await scene.ask('GET', '/v1/parties/+33612345678', { role: 'analyst' })
    assert.deepEqual([status, unknown.known, unknown.now.action], [200, false, 'allow'])
  })

  it('pages through parties and verdicts without losing or repeating one', async () => {
    const collect = async (path: string, limit: number): Promise<Json[]> => {
      const items: Json[] = []
      let cursor = ''
      for (let pages = 0; pages < 200; pages++) {
        const joint = path.includes('?') ? '&' : '?'
        const { status, body } = await scene.ask('GET', `${path}${joint}limit=${limit}${cursor}`, { role: 'regulator' })
        assert.equal(status, 200)
        items.push(...body.items)
        if (body.next === undefined) return items
        cursor = `&cursor=${encodeURIComponent(body.next)}`
      }
      throw new Error('no end of pages')
    }
    assert.equal((await collect('/v1/parties', 1)).length, 2)
    for (const limit of [1, 7, 60, 500]) {
      const ids = (await collect('/v1/verdicts', limit)).map(({ id }) => id)
      assert.equal(new Set(ids).size, 60)
      assert.equal(ids.length, 60)
      const one = await collect(`/v1/verdicts?party=${encodeURIComponent('+33162000001')}&atLeast=flag`, limit)
      assert.deepEqual(
        one.map(({ score }) => score),
        Array.from({ length: 10 }, (_, i) => 58 - 6 * i),
      )
    }
    const [found] = await collect('/v1/verdicts?id=a7', 50)
    assert.equal(found.id, 'v7')
  })

  it('takes feedback from switches, as analysts only from those who may, and keeps it on the log', async () => {
    const body = { party: '0162000009', opinion: 'spam', source: '607', reporter: '+33612345678', id: 'r-1' }
    const taken = await scene.ask('POST', '/v1/feedback', { role: 'tap', body })
    assert.equal(taken.status, 202)
    const record = taken.body as Feedback
    assert.deepEqual(
      [record.party, record.reporter, record.source, record.id],
      ['+33162000009', '+33612345678', '607', 'r-1'],
    )
    const forged = await scene.ask('POST', '/v1/feedback', { role: 'switch', body: { ...body, source: 'analyst' } })
    assert.equal(forged.status, 403)
    const appeal = await scene.ask('POST', '/v1/feedback', { role: 'admin', body: { ...body, source: 'appeal' } })
    assert.equal(appeal.status, 400, 'appeals have a route of their own')
    const heard = await scene.ask('GET', '/v1/feedback', { role: 'analyst' })
    assert.deepEqual(heard.body.items, [record])
  })

  it('refuses entries that are none, changes made in between, and lists that are not there', async () => {
    const change = (name: string, body: object, headers = {}) =>
      scene.ask('POST', `/v1/lists/${name}`, { role: 'admin', body: { reason: 'test', ...body }, headers })
    assert.equal((await change('nothing', { add: ['+33162000077'] })).status, 404)
    assert.equal((await change('deny-ranges', { add: ['+331-+3399'] })).status, 422)
    assert.equal((await change('deny', { add: ['a\nb'] })).status, 400)
    const { headers } = await scene.ask('GET', '/v1/lists/deny', { role: 'admin' })
    const etag = headers.get('etag') ?? ''
    assert.equal((await change('deny', { add: ['+33162000077'] }, { 'if-match': etag })).status, 200)
    assert.equal((await change('deny', { add: ['+33162000078'] }, { 'if-match': etag })).status, 412)
    const { body } = await change('deny', { remove: ['+33162000077'] })
    assert.deepEqual(body.removed, ['+33162000077'])
    await Promise.all(Array.from({ length: 8 }, (_, i) => change('deny', { add: [`+3316200020${i}`] })))
    const all = await scene.ask('GET', '/v1/lists/deny', { role: 'regulator' })
    assert.equal(all.body.items.length, 8, 'changes at once lose none of each other')
  })

  it('shows packs, and has them loaded again by who administers', async () => {
    const { body } = await scene.ask('GET', '/v1/packs', { role: 'regulator' })
    assert.deepEqual(Object.keys(body.thresholds), ['flag', 'challenge', 'divert', 'block'])
    const symbols = await scene.ask('GET', '/v1/packs/symbols', { role: 'regulator' })
    assert.ok(symbols.body.some(({ symbol, when }: Json) => symbol === 'DENIED' && when.includes('listed')))
    assert.equal((await scene.ask('POST', '/v1/packs/reload', { role: 'analyst' })).status, 403)
    assert.equal((await scene.ask('POST', '/v1/packs/reload', { role: 'admin' })).status, 202)
  })

  it('follows the reputation topic while it runs', async () => {
    const decided = async () =>
      (await scene.ask('POST', '/v1/decide', { role: 'switch', body: { from: '+33162000005' } })).body
    assert.equal((await decided()).known, false)
    await scene.ask('POST', '/v1/lists/deny', { role: 'admin', body: { add: ['+33162000005'], reason: 'test' } })
    await eventually('the list is in force', async () => (await decided()).action === 'block')
  })

  it('has its audit trail on disk, unbroken', async () => {
    const month = new Date().toISOString().slice(0, 7)
    const lines = readFileSync(join(scene.folder, 'audit', `${month}.jsonl`), 'utf8')
      .trim()
      .split('\n')
    assert.ok(lines.length > 10)
    assert.ok(!lines.some(line => line.includes('token-0123456789')))
  })
})
