import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { eventually } from '../../support/sockets.ts'
import { type Json, type ServiceScene, startScene } from './scene.ts'

const PARTY = '+33162000001'
const CARD = 'https://ringfence.example/v1/appeals/card'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })

async function startRedress(): Promise<ServiceScene> {
  const keyFile = join(mkdtempSync(join(tmpdir(), 'ringfence-key-')), 'card.pem')
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return startScene([
    `  appeals: { keyFile: "${keyFile}", name: Example Telecom, url: "https://telecom.example/redress", cardUrl: "${CARD}" }`,
    'redirect: { listen: ["udp://127.0.0.1:0"], block: "608" }',
  ])
}

/** Asks as a proxy does; gives the answer's text. */
async function invite(scene: ServiceScene, callId: string, from = PARTY): Promise<string> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const via = `127.0.0.1:${socket.address().port}`
  const request = [
    'INVITE sip:+33187654321@ims.example;user=phone SIP/2.0',
    `Via: SIP/2.0/UDP ${via};branch=z9hG4bK${callId}`,
    'Max-Forwards: 70',
    `From: <sip:${from}@ims.example;user=phone>;tag=${callId}`,
    'To: <sip:+33187654321@ims.example;user=phone>',
    `Call-ID: ${callId}`,
    'CSeq: 1 INVITE',
    `Contact: <sip:x@${via}>`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
  const answer = once(socket, 'message', { signal: AbortSignal.timeout(10_000) })
  socket.send(request, Number(scene.service.redirect[0]!.split(':').at(-1)), '127.0.0.1')
  const [bytes] = (await answer) as [Buffer]
  socket.close()
  return bytes.toString('latin1')
}

async function deny(scene: ServiceScene): Promise<void> {
  await scene.ask('POST', '/v1/lists/deny', { role: 'analyst', body: { add: [PARTY], reason: 'reported' } })
  let calls = 0
  await eventually('the caller is refused', async () => (await invite(scene, `wait${calls++}`)).includes(' 608 '))
}

/** The ticket as a refused caller comes by it: 608, Call-Info, card, its URL. */
async function ticketOf(scene: ServiceScene): Promise<string> {
  const answer = await invite(scene, 'refused')
  assert.match(answer, /^SIP\/2\.0 608 Rejected\r\n/)
  const uri = /\r\nCall-Info: <([^>]+)>;purpose=jwscard\r\n/.exec(answer)?.[1] ?? ''
  assert.ok(uri.startsWith(`${CARD}?ticket=`), uri)
  const { status, body } = await scene.ask('GET', uri.slice('https://ringfence.example'.length))
  assert.equal(status, 200)
  const [header = '', payload = '', signature = ''] = (body as string).split('.')
  const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }))
  const isGenuine = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  assert.ok(isGenuine, 'the card is signed')
  const { jcard } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Json
  const url = new URL(jcard[1].find(([name]: [string]) => name === 'url')[3])
  assert.equal(url.origin + url.pathname, 'https://telecom.example/redress')
  return url.searchParams.get('ticket') ?? ''
}

describe('a caller that was refused with 608', () => {
  it('appeals with the ticket on its card, is heard by an analyst, and gets through', async () => {
    const scene = await startRedress()
    try {
      await deny(scene)
      const ticket = await ticketOf(scene)
      const path = `/v1/appeals/own?ticket=${ticket}`
      assert.equal((await scene.ask('GET', path)).status, 404)
      const statement = 'We are a hospital.'
      const filed = await scene.ask('POST', '/v1/appeals/own', {
        body: { ticket, statement, contact: 'mailto:it@hospital.example' },
      })
      assert.equal(filed.status, 201)
      assert.deepEqual(Object.keys(filed.body).sort(), ['due', 'filed', 'id', 'state'])
      assert.equal((await scene.ask('GET', path)).body.state, 'open')

      const { body: seen } = await scene.ask('GET', `/v1/appeals/${filed.body.id}`, { role: 'analyst' })
      assert.deepEqual([seen.party, seen.filedBy, seen.evidence.lists], [PARTY, 'the party', ['deny']])
      const decided = await scene.ask('POST', `/v1/appeals/${filed.body.id}/outcome`, {
        role: 'analyst',
        body: { state: 'upheld', note: 'It is a hospital.' },
      })
      assert.deepEqual(decided.body.outcome.removed, ['deny'])
      let calls = 0
      await eventually('it gets through', async () => (await invite(scene, `again${calls++}`)).includes(' 302 '))
      const { state, note } = (await scene.ask('GET', path)).body
      assert.deepEqual([state, note], ['upheld', 'It is a hospital.'])

      const trail = (await scene.ask('GET', '/v1/audit', { role: 'regulator' })).body.items as Json[]
      assert.deepEqual(
        trail.map(({ who, role, what, subject }) => [who, role, what, subject]),
        [
          ['analyst-1', 'analyst', 'appeal.decide', PARTY],
          ['the party', 'public', 'appeal.file', PARTY],
          ['analyst-1', 'analyst', 'list.change', 'deny'],
        ],
      )
    } finally {
      await scene.close()
    }
  })

  it('appeals once: not again with the ticket, with another one of the same days, or while an appeal is open', async () => {
    const scene = await startRedress()
    try {
      await deny(scene)
      const ticket = await ticketOf(scene)
      assert.equal(await ticketOf(scene), ticket)
      const file = async (statement: string) =>
        (await scene.ask('POST', '/v1/appeals/own', { body: { ticket, statement } })).status
      const analysts = await scene.ask('POST', '/v1/appeals', {
        role: 'analyst',
        body: { party: PARTY, statement: 'It rang us.' },
      })
      assert.equal(await file('First.'), 409)
      await scene.ask('POST', `/v1/appeals/${analysts.body.id}/outcome`, {
        role: 'analyst',
        body: { state: 'rejected', note: 'No.' },
      })
      assert.deepEqual(await Promise.all([file('First.'), file('Twice at once.')]), [201, 409])
      const { items } = (await scene.ask('GET', '/v1/appeals?state=open', { role: 'analyst' })).body
      await scene.ask('POST', `/v1/appeals/${items[0].id}/outcome`, {
        role: 'analyst',
        body: { state: 'rejected', note: 'No.' },
      })
      assert.equal(await file('Again.'), 409)
    } finally {
      await scene.close()
    }
  })

  it('gets nothing with a ticket that is forged, and nothing is signed or recorded for it', async () => {
    const scene = await startRedress()
    try {
      for (const ticket of ['x', 'A'.repeat(64), 'A'.repeat(400)]) {
        const filed = await scene.ask('POST', '/v1/appeals/own', { body: { ticket, statement: 'Us?' } })
        assert.equal(filed.status, 404)
        assert.equal((await scene.ask('GET', `/v1/appeals/card?ticket=${ticket}`)).status, 404)
        assert.equal((await scene.ask('GET', `/v1/appeals/own?ticket=${ticket}`)).status, 404)
      }
      assert.deepEqual((await scene.ask('GET', '/v1/audit', { role: 'regulator' })).body.items, [])
    } finally {
      await scene.close()
    }
  })
})
