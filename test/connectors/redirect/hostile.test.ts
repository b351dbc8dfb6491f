import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { redirectDrops } from '../../../connectors/redirect/index.ts'
import { createSipMessage, readSip } from '../../../connectors/sip/index.ts'
import { answerOf, headersOf, invite, responder, statusOf } from './scene.ts'

/** Headers that a response of ours may have. */
const known = new Set([
  ...['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Reason', 'Call-Info', 'P-Asserted-Identity', 'X-Ringfence'],
  ...['Allow', 'Accept', 'Content-Length'],
])

function assertOurs(response: string, vias: number): void {
  const bytes = Buffer.from(response, 'latin1')
  const message = createSipMessage()
  assert.ok(readSip(message, bytes, 0, bytes.length), response)
  assert.equal(message.end, bytes.length, 'one message, nothing behind it')
  assert.ok(!/[\r\n]/.test(response.replaceAll('\r\n', '')), 'no lone CR or LF')
  for (const [name, values] of headersOf(response)) {
    assert.ok(known.has(name), `header ${name}`)
    if (name !== 'Via') assert.equal(values.length, 1, name)
    else assert.ok(values.length <= vias)
  }
  assert.deepEqual(headersOf(response).get('Content-Length'), ['0'])
}

describe('the redirect server under attack', () => {
  it('lets nothing of a request become a header of its own', () => {
    const hostile = fc
      .array(
        fc.constantFrom(
          ...[
            '\r\n ',
            '\r\n\t',
            '\r',
            '\n ',
            '\0',
            '"',
            '\\',
            '\\"',
            '<',
            '>',
            ';',
            ',',
            ' ',
            '%0d%0a',
            '\u0085',
            '\xe2\x80\xa8',
          ],
          ...['Contact: <sip:evil@example.net>', 'X-Injected: 1', 'a', 'é', '\x80\x8f'],
        ),
        { maxLength: 12 },
      )
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(
        hostile,
        hostile,
        hostile,
        fc.constantFrom('allow', 'flag', 'challenge', 'divert', 'block'),
        (a, b, c, action) => {
          const scene = responder({
            label: 'Spam "?"\r\nX: y',
            verstat: true,
            marker: true,
            divertTo: 'sip:vm-{to}@x.example',
          })
          scene.answer = {
            ...answerOf(action as 'allow'),
            category: a,
            reasons: [{ symbol: b, says: { en: a + b, fr: c } }],
          }
          const response = scene.send(
            invite(
              {
                From: `"${a}" <sip:x${b}@y>;tag=1`,
                To: `<sip:${c}@d>`,
                'Call-ID': `i${c}`,
                'P-Asserted-Identity': `"${b}" <sip:${c}>`,
              },
              `sip:+33${a.replace(/[\r\n ]/g, '')}@ims.example`,
            ),
          )
          if (response !== undefined) assertOurs(response, 1)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('takes any octets without an exception, and answers only what it can answer', () => {
    const whole = invite({
      Via: 'SIP/2.0/UDP 192.0.2.1:5080;rport;branch=z9hG4bK1',
      'History-Info': '<sip:a@b>;index=1',
    })
    const mutation = fc.record({
      cuts: fc.array(
        fc.record({ at: fc.nat(whole.length), take: fc.nat(20), put: fc.string({ unit: 'binary', maxLength: 6 }) }),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
    })
    const scene = responder({ label: 'Spam?', verstat: true })
    fc.assert(
      fc.property(mutation, ({ cuts }) => {
        let text = whole
        for (const { at, take, put } of cuts)
          text = text.slice(0, at) + Buffer.from(put).toString('latin1') + text.slice(at + take)
        const response = scene.send(text)
        if (response !== undefined) assertOurs(response, 64)
      }),
      { numRuns: 20_000 },
    )
    for (const reason of scene.dropped) assert.ok((redirectDrops as readonly string[]).includes(reason))
  })

  it('counts what it drops, by reason', () => {
    const scene = responder({ maxMessageBytes: 2000 })
    const cases: [string, string][] = [
      [invite({ Subject: 'x'.repeat(2000) }), 'too-long'],
      ['GET / HTTP/1.1\r\n\r\n', 'not-sip'],
      ['SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\n\r\n', 'not-a-request'],
      [invite({ Via: undefined }), 'unanswerable'],
      [invite({ 'Call-ID': undefined }), 'unanswerable'],
      [invite({ Via: 'SIP/2.0/UDP' }), 'unanswerable'],
    ]
    for (const [request, reason] of cases) {
      assert.equal(scene.send(request), undefined)
      assert.equal(scene.dropped.at(-1), reason)
    }
    assert.equal(scene.send('\r\n\r\n'), undefined)
    assert.equal(scene.dropped.length, cases.length, 'a keep-alive is nothing wrong')
    assert.equal(statusOf(scene.send(invite({ 'Max-Forwards': 'many' }))), 400)
    assert.equal(scene.dropped.at(-1), 'malformed')
  })

  it('never sends much more than it was sent', () => {
    const scene = responder({ block: '608', label: 'x'.repeat(32) }, `https://example.net/${'c'.repeat(100)}`)
    for (const action of ['allow', 'flag', 'divert', 'block'] as const) {
      scene.answer = answerOf(action)
      const request = invite({ CSeq: `${action.length} INVITE` })
      assert.ok((scene.send(request)?.length ?? 0) < request.length + 700)
    }
  })
})
