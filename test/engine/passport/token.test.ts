import assert from 'node:assert/strict'
import { createPublicKey, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compactVerify } from 'jose'
import { compactText } from '../../../engine/passport/check.ts'
import { canonical } from '../../../engine/passport/names.ts'
import { Failure } from '../../../engine/passport/reasons.ts'
import { readIdentity } from '../../../engine/passport/token.ts'

/** Appendix A.1 and A.2 of RFC 8225, as they are printed. */
const RFC_8225_PRIVATE = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgi7q2TZvN9VDFg8Vy
qCP06bETrR2v8MRvr89rn4i+UAahRANCAAQWfaj1HUETpoNCrOtp9KA8o0V79IuW
ARKt9C1cFPkyd3FBP4SeiNZxQhDrD0tdBHls3/wFe8++K2FrPyQF9vuh
-----END PRIVATE KEY-----`
const RFC_8225_PUBLIC = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8HNbQd/TmvCKwPKHkMF9fScavGeH
78YTU8qLS8I5HLHSSmlATLcslQMhNC/OhlWBYC626nIlo7XeebYS7Sb37g==
-----END PUBLIC KEY-----`
/** Examples of draft-ietf-stir-passport, an early and a later one. */
const DRAFT_8225_TOKENS = [
  [
    'eyJ0eXAiOiJwYXNzcG9ydCIsImFsZyI6IkVTMjU2IiwieDV1IjoiaHR0cHM6Ly9jZXJ0LmV4YW1wbGUub3JnL3Bhc3Nwb3J0LmNlciJ9',
    'eyJpYXQiOiIxNDQzMjA4MzQ1Iiwib3JpZyI6eyJ0biI6IjEyMTU1NTUxMjEyIn0sImRlc3QiOnsidXJpIjoic2lwOmFsaWNlQGV4YW1wbGUuY29tIn19',
    '2bbTbLeDIf52Vv0yESUqebUBYrKIuouOfKQME6MD9kfgZ59dMAvvrIC94XsKdzV03evDS8wd6CubUqSalM7Dpg',
  ].join('.'),
  [
    'eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9jZXJ0LmV4YW1wbGUub3JnL3Bhc3Nwb3J0LmNlciJ9',
    'eyJkZXN0Ijp7InVyaSI6WyJzaXA6YWxpY2VAZXhhbXBsZS5jb20iXX0sImlhdCI6IjE0NDMyMDgzNDUiLCJvcmlnIjp7InRuIjoiMTIxNTU1NTEyMTIifX0',
    'rq3pjT1hoRwakEGjHCnWSwUnshd0-zJ6F1VOgFWSjHBr8Qjpjlk-cpFYpFYsojNCpTzO3QfPOlckGaS6hEck7w',
  ].join('.'),
] as const

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const header = (head: object, claims: object, x5u: string, rest = '') =>
  `${encode(head)}.${encode(claims)}.c2ln;info=<${x5u}>${rest}`

describe('the tokens of the RFCs', () => {
  it('of RFC 8225, Appendix A, is read, and what its compact form leaves out is put together letter by letter', () => {
    const x5u = 'https://cert.example.org/passport.cer'
    const signed =
      'eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9jZXJ0LmV4YW1wbGUub3JnL3Bhc3Nwb3J0LmNlciJ9.' +
      'eyJkZXN0Ijp7InVyaSI6WyJzaXA6YWxpY2VAZXhhbXBsZS5jb20iXX0sImlhdCI6MTQ3MTM3NTQxOCwib3JpZyI6eyJ0biI6IjEyMTU1NTUxMjEyIn19'
    const token = readIdentity(`${signed}.VLBCIVDC;info=<${x5u}>;alg=ES256`)
    assert.deepEqual(
      [token.claims.iat, token.claims.orig, token.claims.dest, token.extension],
      [1471375418, { tn: '12155551212' }, [{ uri: 'sip:alice@example.com' }], ''],
    )
    assert.equal(compactText(x5u, 1471375418, '12155551212', 'alice@example.com'), signed)
  })
  it('of RFC 8225, Appendix A: its key signs and verifies, the signature printed there does not', async () => {
    const signed = compactText('https://cert.example.org/passport.cer', 1471375418, '12155551212', 'alice@example.com')
    const ours = sign('sha256', Buffer.from(signed), { key: RFC_8225_PRIVATE, dsaEncoding: 'ieee-p1363' })
    await compactVerify(`${signed}.${ours.toString('base64url')}`, createPublicKey(RFC_8225_PRIVATE))
    // Under neither of the printed keys, which are no pair: the text was changed after its example was signed.
    const printed = `${signed}.VLBCIVDCaeK6M4hLJb6SHQvacAQVvoiiEOWQ_iUkqk79UD81fHQ0E1b3_GluIkba7UWYRM47ZbNFdOJquE35cw`
    for (const key of [createPublicKey(RFC_8225_PRIVATE), createPublicKey(RFC_8225_PUBLIC)])
      await assert.rejects(compactVerify(printed, key), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' })
  })
  it('of its drafts verify with the public key of Appendix A.2; their iat, a string then, is refused now', async () => {
    for (const token of DRAFT_8225_TOKENS) {
      await compactVerify(token, createPublicKey(RFC_8225_PUBLIC))
      assert.throws(
        () => readIdentity(`${token};info=<https://cert.example.org/passport.cer>`),
        (error: Failure) => error.reason === 'malformed' && error.message.includes('iat'),
      )
    }
  })
  it('of RFC 8588 §4: attestation and origid', () => {
    const x5u = 'https://cert.example.org/passport.cer'
    const claims = {
      attest: 'A',
      dest: { tn: ['12125551213'] },
      iat: 1443208345,
      orig: { tn: '12155551212' },
      origid: '123e4567-e89b-12d3-a456-426655440000',
    }
    const head = { alg: 'ES256', ppt: 'shaken', typ: 'passport', x5u }
    const token = readIdentity(header(head, claims, x5u, ';alg=ES256;ppt=shaken'))
    assert.deepEqual([token.claims.attest, token.claims.origid, token.extension], ['A', claims.origid, 'shaken'])
  })
  it('of RFC 8946 §3: who diverted', () => {
    const x5u = 'https://www.example.com/cert.cer'
    const claims = {
      orig: { tn: '12155551212' },
      dest: { tn: '12155551214' },
      iat: 1443208345,
      div: { tn: '121555551213' },
    }
    const token = readIdentity(header({ typ: 'passport', ppt: 'div', alg: 'ES256', x5u }, claims, x5u, ';ppt="div"'))
    assert.deepEqual([token.claims.div, token.claims.dest], [{ tn: '121555551213' }, [{ tn: '12155551214' }]])
  })
})

describe('reading', () => {
  it('takes whatever comes without anything but a reason', () => {
    const x5u = 'https://x.example/c'
    const hostile = fc.record({
      typ: fc.anything(),
      alg: fc.constantFrom('ES256', 'none', 1),
      ppt: fc.anything(),
      x5u: fc.constantFrom(x5u, 7),
    })
    const claims = fc.record({
      iat: fc.anything(),
      orig: fc.anything(),
      dest: fc.anything(),
      div: fc.anything(),
      attest: fc.anything(),
      origid: fc.anything(),
    })
    const property = (value: string) => {
      try {
        readIdentity(value)
      } catch (error) {
        assert.ok(error instanceof Failure, String(error))
      }
    }
    fc.assert(fc.property(fc.string({ maxLength: 300 }), property))
    fc.assert(
      fc.property(hostile, claims, (head, body) => {
        try {
          JSON.stringify([head, body])
        } catch {
          return
        }
        property(header(head, body, x5u))
      }),
    )
  })
})

describe('names', () => {
  it('are compared without what differs between writers', () => {
    const alike = [
      '+33123456789',
      'tel:+33-1-23-45-67-89',
      'sip:+33123456789@ims.example;user=phone',
      'sips:33123456789;npdi@x',
      '33 1 (23) 45.67.89',
    ]
    for (const name of alike) assert.equal(canonical(name), '33123456789', name)
    assert.equal(canonical('sip:Bob@Example.NET;transport=tcp'), 'Bob@example.net')
    assert.equal(canonical('SIP:bob@example.net'), 'bob@example.net')
  })
})
