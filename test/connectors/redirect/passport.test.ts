import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createResponder, type RedirectQuestion } from '../../../connectors/redirect/index.ts'
import type { PassportAnswer } from '../../../connectors/sip/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { answerOf, defaults, headersOf, invite } from './scene.ts'

interface Pending {
  readonly headers: readonly string[]
  resolve(answer: PassportAnswer | undefined): void
  reject(error: Error): void
}

/** A responder whose verifications the test answers one by one. */
function verifying() {
  const questions: RedirectQuestion[] = []
  const pending: Pending[] = []
  const respond = createResponder(
    { ...defaults, verstat: true },
    {
      ask: question => {
        questions.push(question)
        return answerOf('allow', 0)
      },
      identity: createIdentity({ defaultCountry: 'FR' }),
      card: undefined,
      now: () => 0,
      counters: { answered() {}, retransmitted() {}, absorbed() {}, dropped() {} },
      verify: headers => new Promise((resolve, reject) => pending.push({ headers, resolve, reject })),
    },
  )
  const send = (request: string) => {
    const bytes = Buffer.from(request, 'latin1')
    const response = respond(bytes, 0, bytes.length, '192.0.2.1', 5080)
    // A socket's buffer is used again for the next datagram.
    if (response instanceof Promise) bytes.fill(0)
    return response
  }
  return { questions, pending, send }
}

const signed = (id: string) => invite({ Identity: 'eyJ.eyJ.x;info=<https://a/b>', 'Call-ID': id })
const identityOf = (bytes: Buffer | undefined) => headersOf(bytes?.toString('latin1')).get('P-Asserted-Identity')?.[0]

describe('a signed identity at the redirect server', () => {
  it('is verified before the decision, while others are answered', async () => {
    const { questions, pending, send } = verifying()
    const waiting = send(signed('c1'))
    assert.ok(waiting instanceof Promise)
    assert.equal(questions.length, 0)
    const other = send(invite({ 'Call-ID': 'c2', From: '<sip:+33612345678@x>;tag=9' }))
    assert.ok(other !== undefined && !(other instanceof Promise), 'one without a signature does not wait')
    assert.equal(identityOf(other.bytes), '<sip:+33612345678;verstat=No-TN-Validation@x>')

    pending[0]!.resolve({ vouched: '+33162000001', attestation: 'A' })
    const response = await waiting
    assert.match(
      identityOf(response?.bytes) ?? '',
      /^"Robo" <sip:\+33162000001;verstat=TN-Validation-Passed@ims\.example/,
    )
    const { from, asserted, attestation } = questions[1]!
    assert.deepEqual({ from, asserted, attestation }, { from: '+33162000001', asserted: 'passport', attestation: 'A' })
    assert.deepEqual(send(signed('c1')), response, 'a retransmission gets the same, without verifying again')
    assert.equal(pending.length, 1)
  })

  it('tells why it does not verify, and lets the call be decided when nobody can say', async () => {
    const { questions, pending, send } = verifying()
    const [failed, silent, broken] = [send(signed('c1')), send(signed('c2')), send(signed('c3'))]
    pending[0]!.resolve({ failure: 'bad-signature' })
    pending[1]!.resolve(undefined)
    pending[2]!.reject(new Error('broken'))
    assert.match(identityOf((await failed)?.bytes) ?? '', /verstat=TN-Validation-Failed@/)
    assert.match(identityOf((await silent)?.bytes) ?? '', /verstat=No-TN-Validation@/)
    assert.notEqual(await broken, undefined)
    assert.deepEqual(
      questions.map(({ verification }) => verification),
      ['bad-signature', undefined, undefined],
    )
  })
})
