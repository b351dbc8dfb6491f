import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { eventually } from '../../support/sockets.ts'
import { type Json, type ServiceScene, startScene } from './scene.ts'

const PARTY = '+33162000001'
const call = { from: PARTY, to: '+33187654321' }

const decision = async (scene: ServiceScene): Promise<string> =>
  (await scene.ask('POST', '/v1/decide', { role: 'switch', body: call })).body.action

describe('an appeal through the API', () => {
  it('goes from listing to removal, with its evidence, its clock and its trail', async () => {
    const scene = await startScene()
    try {
      assert.equal(await decision(scene), 'allow')
      const listed = await scene.ask('POST', '/v1/lists/deny', {
        role: 'analyst',
        body: { add: ['01 62 00 00 01'], reason: 'reported by 14 subscribers' },
      })
      assert.deepEqual(listed.body, { added: [PARTY], removed: [], remaining: [], entries: 1 })
      await eventually('the list is in force', async () => (await decision(scene)) === 'block')

      const filed = await scene.ask('POST', '/v1/appeals', {
        role: 'analyst',
        body: { party: PARTY, statement: 'We are a hospital.', contact: 'mailto:it@hospital.example' },
      })
      assert.equal(filed.status, 201)
      const appeal = filed.body as Json
      assert.equal(filed.headers.get('location'), `/v1/appeals/${appeal.id}`)
      assert.deepEqual(appeal.evidence.lists, ['deny'])
      assert.equal(appeal.due - appeal.filed, 24 * 3_600_000)
      assert.deepEqual([appeal.state, appeal.overdue], ['open', false])
      const again = await scene.ask('POST', '/v1/appeals', {
        role: 'analyst',
        body: { party: PARTY, statement: 'Again.' },
      })
      assert.equal(again.status, 409)
      const metrics = (await scene.ask('GET', '/metrics')).body as string
      assert.match(metrics, /^ringfence_appeals_open 1$/m)
      const seen = await scene.ask('GET', `/v1/appeals?state=open&party=${encodeURIComponent(PARTY)}`, {
        role: 'regulator',
      })
      assert.deepEqual(
        seen.body.items.map((each: Json) => each.id),
        [appeal.id],
      )

      const refused = await scene.ask('POST', `/v1/appeals/${appeal.id}/outcome`, {
        role: 'regulator',
        body: { state: 'upheld', note: 'x' },
      })
      assert.equal(refused.status, 403)
      const decided = await scene.ask('POST', `/v1/appeals/${appeal.id}/outcome`, {
        role: 'admin',
        body: { state: 'upheld', note: 'It is a hospital.' },
      })
      assert.equal(decided.status, 200)
      assert.equal(decided.body.state, 'upheld')
      const { removed, remaining, by } = decided.body.outcome
      assert.deepEqual({ removed, remaining, by }, { removed: ['deny'], remaining: [], by: 'admin-1' })
      await eventually('the list is corrected', async () => (await decision(scene)) === 'allow')
      const list = await scene.ask('GET', `/v1/lists/deny?has=${encodeURIComponent(PARTY)}`, { role: 'regulator' })
      assert.deepEqual(list.body, { listed: false, added: false })
      const twice = await scene.ask('POST', `/v1/appeals/${appeal.id}/outcome`, {
        role: 'admin',
        body: { state: 'rejected', note: 'x' },
      })
      assert.equal(twice.status, 409)

      const trail = (await scene.ask('GET', '/v1/audit', { role: 'regulator' })).body.items as Json[]
      assert.deepEqual(
        trail.map(({ seq, who, what, subject }) => [seq, who, what, subject]),
        [
          [3, 'admin-1', 'appeal.decide', PARTY],
          [2, 'analyst-1', 'appeal.file', PARTY],
          [1, 'analyst-1', 'list.change', 'deny'],
        ],
      )
      assert.equal(trail[1].previous, trail[2].hash)
      assert.deepEqual(trail[0].detail.removed, ['deny'])
      const heard = await scene.ask('GET', `/v1/feedback?party=${encodeURIComponent(PARTY)}`, { role: 'regulator' })
      assert.deepEqual(
        heard.body.items.map(({ source, opinion }: Json) => [source, opinion]),
        [
          ['analyst', 'ham'],
          ['appeal', 'ham'],
        ],
      )
    } finally {
      await scene.close()
    }
  })

  it('outlives a restart, and says what a file still holds', async () => {
    const pack = mkdtempSync(join(tmpdir(), 'ringfence-pack-'))
    writeFileSync(
      join(pack, 'pack.yaml'),
      `name: operator\nversion: 1\nlists:\n  deny: { kind: numbers, entries: ["${PARTY}"] }\n`,
    )
    const yaml = [`engine: { packs: ["${pack}"] }`]
    const before = await startScene(yaml)
    const filed = await before.ask('POST', '/v1/appeals', { role: 'analyst', body: { party: PARTY, statement: 'Us?' } })
    await before.service.close()
    const scene = await startScene(yaml, ['serve'], before.folder)
    try {
      const path = `/v1/appeals/${filed.body.id}`
      await eventually(
        'the appeal is back',
        async () => (await scene.ask('GET', path, { role: 'admin' })).status === 200,
      )
      const { body } = await scene.ask('POST', `${path}/outcome`, {
        role: 'admin',
        body: { state: 'upheld', note: 'Wrong number.', allow: true },
      })
      const { removed, remaining, allowed } = body.outcome
      assert.deepEqual({ removed, remaining, allowed }, { removed: [], remaining: ['deny'], allowed: true })
      await eventually('it is let through', async () => (await decision(scene)) === 'allow')
    } finally {
      await scene.close()
    }
  })

  it('signs the card of a 608, which says where to turn', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const keyFile = join(mkdtempSync(join(tmpdir(), 'ringfence-key-')), 'card.pem')
    writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const scene = await startScene([
      `  appeals: { keyFile: "${keyFile}", name: Example Telecom, url: "https://telecom.example/redress", x5u: "https://telecom.example/card.cer" }`,
    ])
    try {
      const { status, body, headers } = await scene.ask('GET', '/v1/appeals/card')
      assert.equal(status, 200)
      assert.equal(headers.get('content-type'), 'application/jose')
      const [header = '', payload = '', signature = ''] = (body as string).split('.')
      const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }))
      const signed = Buffer.from(`${header}.${payload}`)
      assert.ok(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')))
      const read = (text: string): Json => JSON.parse(Buffer.from(text, 'base64url').toString())
      assert.deepEqual(read(header), { alg: 'ES256', typ: 'vcard+json', x5u: 'https://telecom.example/card.cer' })
      const { iat, jcard } = read(payload)
      assert.ok(Math.abs(iat - Date.now() / 1000) < 100)
      assert.deepEqual(jcard[1].at(-1), ['url', {}, 'uri', 'https://telecom.example/redress'])
    } finally {
      await scene.close()
    }
  })
})
