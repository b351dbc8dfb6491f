import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PassportAnswer, PassportQuestion, VerifyPassports } from '../../../connectors/sip/index.ts'
import { createScene, request, response, T0 } from './scene.ts'

/** A verifier that answers when the test says so. */
function desk() {
  const asked: { headers: readonly string[]; question: PassportQuestion; answer: (a?: PassportAnswer) => void }[] = []
  const verify: VerifyPassports = (headers, question) =>
    new Promise(resolve => asked.push({ headers, question, answer: resolve }))
  return { asked, verify }
}

const turn = () => new Promise(resolve => setImmediate(resolve))
const signed = { headers: ['Identity: aaa.bbb.ccc;info=<https://x>', 'y: second;info=<https://y>'] }

describe('a call with a signed identity', () => {
  it('is asked about with its names, date and headers, and waits for the answer', async () => {
    const { asked, verify } = desk()
    const scene = createScene({}, { verify })
    scene.see(
      0,
      request('INVITE', {
        headers: [...signed.headers, 'P-Asserted-Identity: <tel:+33144556600>', 'Date: Tue, 16 Aug 2016 19:23:38 GMT'],
        uri: 'sip:+33611223344@gw.example',
      }),
    )
    assert.deepEqual(scene.emitted, [])
    assert.deepEqual(asked[0]?.headers, ['aaa.bbb.ccc;info=<https://x>', 'second;info=<https://y>'])
    assert.deepEqual(asked[0]?.question, {
      orig: ['+33144556600', '+33144556677', 'tel:+33144556600'],
      dest: ['+33611223344', '+33612345678'],
      nowMs: T0,
      dateMs: Date.parse('Tue, 16 Aug 2016 19:23:38 GMT'),
    })
    asked[0]?.answer({ vouched: '+33144556600', attestation: 'A', origid: '123e4567-e89b-12d3-a456-426655440000' })
    await turn()
    const { from } = scene.only('call.attempt')
    assert.deepEqual(
      [from.party, from.asserted, from.attestation, from.origid, from.claimed],
      ['+33144556600', 'passport', 'A', '123e4567-e89b-12d3-a456-426655440000', '+33144556677'],
    )
  })
  it('is of the signed party where that is the one in From, before any other header', async () => {
    const { asked, verify } = desk()
    const scene = createScene({}, { verify })
    scene.see(0, request('INVITE', { headers: [...signed.headers, 'P-Asserted-Identity: <tel:+33144556600>'] }))
    asked[0]?.answer({ vouched: '+33144556677' })
    await turn()
    const { from } = scene.only('call.attempt')
    assert.deepEqual([from.party, from.asserted, from.claimed], ['+33144556677', 'passport', undefined])
  })
  it('keeps its asserted party where the signer does not vouch for the number, or the token fails', async () => {
    for (const answer of [{ attestation: 'C' as const }, { failure: 'stale' }]) {
      const { asked, verify } = desk()
      const scene = createScene({}, { verify })
      scene.see(0, request('INVITE', { headers: [...signed.headers, 'P-Asserted-Identity: <tel:+33144556600>'] }))
      asked[0]?.answer(answer)
      await turn()
      const { from } = scene.only('call.attempt')
      assert.deepEqual([from.party, from.asserted], ['+33144556600', 'pai'])
      assert.deepEqual([from.attestation, from.verification], [answer.attestation, answer.failure])
    }
  })
  it('keeps its order, and holds nobody else up', async () => {
    const { asked, verify } = desk()
    const scene = createScene({}, { verify })
    scene.see(0, request('INVITE', signed))
    scene.see(1000, response(200, 'INVITE', signed))
    scene.see(1000, request('INVITE', { callId: 'other', fromTag: 'o' }))
    scene.see(5000, request('BYE', { toTag: 'tt', cseq: 2 }))
    assert.deepEqual(
      scene.emitted.map(({ kind, callId }) => `${kind} ${callId}`),
      ['call.attempt other', 'call.attempt other'],
    )
    asked[0]?.answer()
    await turn()
    assert.deepEqual(scene.kinds().slice(2), [
      'call.attempt origin',
      'call.attempt target',
      'call.answered origin',
      'call.ended origin',
    ])
  })
  it('goes out as it is when the tap closes, and is not changed afterwards', async () => {
    const { asked, verify } = desk()
    const scene = createScene({}, { verify })
    scene.see(0, request('INVITE', signed))
    scene.observer.close()
    assert.equal(scene.only('call.attempt').from.asserted, 'from')
    asked[0]?.answer({ vouched: '+33144556677', attestation: 'A' })
    await turn()
    assert.equal(scene.only('call.attempt').from.attestation, undefined)
  })
  it('is not asked about without an Identity header, in a response, or where nothing verifies', () => {
    const { asked, verify } = desk()
    const scene = createScene({}, { verify })
    scene.see(0, request('INVITE'))
    scene.see(10, response(200, 'INVITE', { callId: 'unseen', ...signed }))
    assert.equal(asked.length, 0)
    const plain = createScene()
    plain.see(0, request('INVITE', signed))
    assert.equal(plain.only('call.attempt').from.asserted, 'from')
  })
})

describe('a signed message', () => {
  it('is asked about with its body', async () => {
    const { asked, verify } = desk()
    const scene = createScene({}, { verify })
    scene.see(0, request('MESSAGE', { headers: [...signed.headers, 'Content-Type: text/plain'], body: 'Lunch?' }))
    assert.equal(Buffer.from(asked[0]?.question.body ?? []).toString(), 'Lunch?')
    asked[0]?.answer({ vouched: '+33144556677', attestation: 'A' })
    await turn()
    assert.equal(scene.only('message').from.attestation, 'A')
  })
})
