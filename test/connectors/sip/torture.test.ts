import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSip, createSipMessage, readSip, type SipReason } from '../../../connectors/sip/index.ts'
import { either } from './vectors/rfc4475-either.ts'
import { malformed } from './vectors/rfc4475-invalid.ts'
import { wellFormed } from './vectors/rfc4475-valid.ts'
import { wellFormedToo } from './vectors/rfc4475-valid-more.ts'
import { ipv6 } from './vectors/rfc5118.ts'

const message = createSipMessage()

function reasonOf(bytes: Uint8Array): SipReason | undefined {
  readSip(message, bytes, 0, bytes.length)
  return checkSip(message)
}

const reasons: Readonly<Record<string, SipReason>> = {
  badaspec: 'bad-to',
  baddn: 'no-header-end',
  lwsstart: 'bad-start-line',
  mismatch01: 'cseq-mismatch',
  mismatch02: 'cseq-mismatch',
  scalarlg: 'bad-cseq',
  scalar02: 'bad-cseq',
  badinv01: 'bad-via',
  insuf: 'missing-from',
  ltgtruri: 'bad-request-uri',
  lwsruri: 'bad-request-uri',
  mcl01: 'repeated-header',
  multi01: 'repeated-header',
  quotbal: 'bad-to',
  baddate: 'bad-date',
  badvers: 'bad-version',
  bigcode: 'bad-status',
  ncl: 'bad-content-length',
  clerr: 'short-body',
}

test('all 49 torture messages of RFC 4475 and 12 of RFC 5118 are here', () => {
  const count = [wellFormed, wellFormedToo, malformed, either].reduce((sum, set) => sum + Object.keys(set).length, 0)
  assert.equal(count, 49)
  assert.equal(Object.keys(ipv6).length, 12)
})

for (const [name, bytes] of Object.entries({ ...wellFormed, ...wellFormedToo })) {
  test(`RFC 4475 ${name} is well formed`, () => assert.equal(reasonOf(bytes), undefined))
}

for (const [name, bytes] of Object.entries(malformed)) {
  test(`RFC 4475 ${name} is malformed for its own reason`, () => assert.equal(reasonOf(bytes), reasons[name]))
}

test('RFC 4475 messages that may be taken or refused: headers in the Request-URI and outside <> are refused', () => {
  const refused = Object.entries(either).filter(([, bytes]) => reasonOf(bytes) !== undefined)
  assert.deepEqual(refused.map(([name]) => name).sort(), ['escruri', 'regbadct'])
})

for (const [name, bytes] of Object.entries(ipv6)) {
  test(`RFC 5118 ${name} is ${name === '4.2' ? 'malformed: the colons make a port' : 'read'}`, () => {
    assert.equal(reasonOf(bytes), name === '4.2' ? 'bad-request-uri' : undefined)
  })
}
