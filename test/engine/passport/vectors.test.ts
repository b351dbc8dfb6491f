import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { PassportOptions, VerifyRequest } from '../../../engine/passport/index.ts'
import { identityOf, issue, mustInclude, revocationList, sign } from '../../support/stir.ts'
import { CAROL, type Call, createWorld, identity, NOW_MS, ORIGID, reasonOf, request, type World } from './world.ts'

let world: World
before(async () => {
  world = await createWorld()
})
after(() => world.close())

async function outcome(call: Call, asked: Partial<VerifyRequest> = {}, options: Partial<PassportOptions> = {}) {
  const verifier = world.verifier(options)
  await verifier.ready
  return reasonOf(await verifier.verify([await identity(world, call)], request(asked)))
}

const seconds = (offset: number) => Math.floor(NOW_MS / 1000) + offset

describe('a signed call', () => {
  it('verifies with attestation, origid, caller and signer', async () => {
    const verification = await world.verifier().verify([await identity(world)], request())
    assert.deepEqual(verification, {
      status: 'verified',
      attestation: 'A',
      origid: ORIGID,
      orig: '+33123456789',
      diverted: [],
      signer: '1234',
    })
  })
  it('verifies for the name among several that was signed', async () => {
    const verification = await world.verifier().verify(
      [await identity(world)],
      request({
        orig: ['sip:anonymous@anonymous.invalid', 'tel:+33-1-23-45-67-89'],
        dest: ['sip:x@y', 'sip:+14155550100@gw;user=phone'],
      }),
    )
    assert.equal(verification.status === 'verified' && verification.orig, 'tel:+33-1-23-45-67-89')
  })
  it('verifies between addresses', async () => {
    const claims = { orig: { uri: 'sip:alice@A.example' }, dest: { uri: ['sip:bob@b.example'] } }
    assert.equal(await outcome({ claims }, { orig: 'alice@a.example', dest: 'sips:bob@B.example' }), 'verified')
  })
  it('verifies without attestation in the baseline form', async () => {
    const verification = await world.verifier().verify([await identity(world, { extension: '' })], request())
    assert.deepEqual(
      [verification.status, verification.status === 'verified' && verification.attestation],
      ['verified', undefined],
    )
  })
  it('without an Identity header is not verified and not suspected', async () => {
    assert.deepEqual(await world.verifier().verify([], request()), { status: 'absent' })
  })
})

describe('a call that was tampered with or replayed', () => {
  const vectors: readonly [name: string, reason: string, call: Call, asked?: Partial<VerifyRequest>][] = [
    ['signed 61 seconds ago', 'stale', { claims: { iat: seconds(-61) } }],
    ['signed an hour from now', 'not-yet-valid', { claims: { iat: seconds(3600) } }],
    ['for another called party', 'dest-mismatch', { claims: { dest: { tn: ['14155550999'] } } }],
    ['for another caller', 'orig-mismatch', { claims: { orig: { tn: '33987654321' } } }],
    ['asked about another caller', 'orig-mismatch', {}, { orig: '+33611111111' }],
    ['that says alg=none', 'unsupported-algorithm', { header: { alg: 'ES256' } }],
    ['without who signed it', 'malformed', { claims: { origid: 'nobody' } }],
    ['without attestation', 'malformed', { claims: { attest: 'D' } }],
    ['of a kind nobody reads', 'unsupported-extension', { extension: 'rph' }],
  ]
  for (const [name, reason, call, asked] of vectors)
    it(`${name}: ${reason}`, async () => {
      if (reason !== 'unsupported-algorithm') return assert.equal(await outcome(call, asked), reason)
      const [, payload] = (await identity(world)).split('.')
      const head = Buffer.from(JSON.stringify({ alg: 'none', typ: 'passport', x5u: 'https://localhost/x' })).toString(
        'base64url',
      )
      for (const signature of ['AAAA', '']) {
        const header = identityOf(`${head}.${payload}.${signature}`, 'https://localhost/x')
        const verification = await world.verifier().verify([header], request())
        assert.equal(reasonOf(verification), signature === '' ? 'malformed' : 'unsupported-algorithm')
      }
      return assert.equal(
        reasonOf(await world.verifier().verify([(await identity(world)).replace('alg=ES256', 'alg=none')], request())),
        'unsupported-algorithm',
      )
    })
  it('signed with another key: bad-signature', async () => {
    const stranger = await issue({ name: 'Stranger' })
    assert.equal(await outcome({ keys: stranger.keys }), 'bad-signature')
  })
  it('whose claims were changed after signing: bad-signature', async () => {
    const header = await identity(world)
    const payload = header.split('.')[1]!
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const changed = Buffer.from(JSON.stringify({ ...claims, attest: 'B' })).toString('base64url')
    const verification = await world.verifier().verify([header.replace(payload, changed)], request())
    assert.equal(reasonOf(verification), 'bad-signature')
  })
  it('whose header names another certificate: x5u-mismatch', async () => {
    const header = await identity(world)
    const verification = await world
      .verifier()
      .verify([header.replace(/info=<[^>]+>/, 'info=<https://x/y>')], request())
    assert.equal(reasonOf(verification), 'x5u-mismatch')
  })
  it('that is no token: malformed', async () => {
    for (const header of [
      '',
      'x',
      'a.b.c',
      ';info=<https://x>',
      'a.b;info=<https://x>',
      `${'a'.repeat(9000)}..b;info=<x>`,
    ])
      assert.equal(reasonOf(await world.verifier().verify([header], request())), 'malformed', header.slice(0, 40))
    const many = Array.from({ length: 13 }, () => 'a.b.c;info=<https://x>')
    assert.equal(reasonOf(await world.verifier().verify(many, request())), 'malformed')
  })
})

describe('a certificate', () => {
  it('past its time: certificate-expired', async () => {
    const by = await issue({ issuer: world.middle, providers: ['1234'], notAfterMs: NOW_MS - 1000 })
    assert.equal(await outcome({ by }), 'certificate-expired')
  })
  it('before its time: certificate-expired', async () => {
    const by = await issue({ issuer: world.middle, providers: ['1234'], notBeforeMs: NOW_MS + 60_000 })
    assert.equal(await outcome({ by }), 'certificate-expired')
  })
  it('was good when the call was made, though it is not now', async () => {
    const by = await issue({ issuer: world.middle, providers: ['1234'], notAfterMs: NOW_MS - 60_000 })
    const claims = { iat: seconds(-120) }
    assert.equal(await outcome({ by, claims }, { nowMs: NOW_MS - 119_000 }), 'verified')
  })
  it('of a stranger: certificate-untrusted', async () => {
    const by = await issue({ name: 'Stranger', providers: ['1234'] })
    assert.equal(await outcome({ by, chain: [by] }), 'certificate-untrusted')
  })
  it('by an authority with the name of ours and another key: certificate-untrusted', async () => {
    const root = await issue({ name: 'Root', isAuthority: true })
    const by = await issue({ issuer: root, providers: ['1234'] })
    assert.equal(await outcome({ by, chain: [by, root] }), 'certificate-untrusted')
  })
  it('by an operator who is no authority: certificate-untrusted', async () => {
    const by = await issue({ issuer: world.operator, providers: ['1234'] })
    assert.equal(await outcome({ by, chain: [by, world.operator, world.middle] }), 'certificate-untrusted')
  })
  it('deeper than its authority allows: certificate-untrusted', async () => {
    const deeper = await issue({ name: 'Deeper', isAuthority: true, issuer: world.middle })
    const by = await issue({ issuer: deeper, providers: ['1234'] })
    assert.equal(await outcome({ by, chain: [by, deeper, world.middle] }), 'certificate-untrusted')
  })
  it('without its intermediate: certificate-untrusted', async () => {
    assert.equal(await outcome({ chain: [world.operator] }), 'certificate-untrusted')
  })
  it('on another curve, or of an authority: certificate-malformed', async () => {
    const by = await issue({ issuer: world.middle, providers: ['1234'], curve: 'P-384' })
    assert.equal(await outcome({ by, keys: world.operator.keys }), 'certificate-malformed')
    assert.equal(await outcome({ by: world.middle, chain: [world.middle] }), 'certificate-malformed')
  })
  it('that is none: certificate-malformed', async () => {
    for (const content of ['', 'hello', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])
      assert.equal(await outcome({ x5u: world.publish(content) }), 'certificate-malformed')
  })
  it('may come in DER where the anchor signed it itself', async () => {
    const by = await issue({ issuer: world.root, providers: ['1234'] })
    const x5u = world.publish(new Uint8Array(by.certificate.rawData))
    assert.equal(await outcome({ by, x5u }), 'verified')
  })
})

describe('the authority over numbers (TNAuthList)', () => {
  it('is needed, unless configuration does without', async () => {
    const by = await issue({ issuer: world.middle })
    assert.equal(await outcome({ by }), 'certificate-not-authorised')
    assert.equal(await outcome({ by }, {}, { requireTnAuthList: false }), 'verified')
  })
  it('of a number or a range holds for these only', async () => {
    const one = await issue({ issuer: world.middle, numbers: ['33123456789'] })
    assert.equal(await outcome({ by: one }), 'verified')
    const range = await issue({ issuer: world.middle, ranges: [['33123456000', 1000]] })
    assert.equal(await outcome({ by: range }), 'verified')
    const other = await issue({ issuer: world.middle, ranges: [['33123456000', 789]], numbers: ['33123456788'] })
    assert.equal(await outcome({ by: other }), 'certificate-not-authorised')
  })
  it('of a delegate lies within that of the one who delegated', async () => {
    const parent = await issue({ name: 'P', isAuthority: true, issuer: world.root, ranges: [['33199999000', 1000]] })
    const by = await issue({ issuer: parent, numbers: ['33123456789'] })
    assert.equal(await outcome({ by, chain: [by, parent] }), 'certificate-not-authorised')
  })
  it('demands the claims that the certificate demands', async () => {
    const by = await issue({ issuer: world.middle, providers: ['1234'], extensions: [mustInclude('rcd')] })
    assert.equal(await outcome({ by }), 'certificate-not-authorised')
    assert.equal(await outcome({ by, claims: { rcd: { nam: 'Alice' } } }), 'verified')
  })
})

describe('revocation', () => {
  const crl = (options: Partial<PassportOptions['crl']>) => ({
    crl: { files: [], urls: [], signers: [], refreshSeconds: 3600, maxBytes: 1_000_000, required: false, ...options },
  })
  it('by the issuer: certificate-revoked, and only that certificate', async () => {
    const by = await issue({ issuer: world.middle, providers: ['1234'] })
    const file = world.file(await revocationList({ signer: world.middle, revoked: [by] }))
    assert.equal(await outcome({ by }, {}, crl({ files: [file] })), 'certificate-revoked')
    assert.equal(await outcome({}, {}, crl({ files: [file] })), 'verified')
  })
  it('of the intermediate, out of a list that was fetched', async () => {
    const url = world.publish(await revocationList({ signer: world.root, revoked: [world.middle] }))
    assert.equal(await outcome({}, {}, crl({ urls: [url] })), 'certificate-revoked')
  })
  it('by a signer for other issuers (indirect list)', async () => {
    const by = await issue({ issuer: world.middle, providers: ['1234'] })
    const signer = await issue({ name: 'STI-PA', isAuthority: true })
    const file = world.file(await revocationList({ signer, revoked: [by], isIndirect: true }))
    const signers = [world.file(signer.pem)]
    assert.equal(await outcome({ by }, {}, crl({ files: [file], signers })), 'certificate-revoked')
    assert.equal(await outcome({ by }, {}, crl({ files: [file] })), 'verified')
  })
  it('by a list that somebody else signed does not count', async () => {
    const forger = await issue({ name: 'Intermediate', isAuthority: true })
    const file = world.file(await revocationList({ signer: forger, revoked: [world.operator] }))
    assert.equal(await outcome({}, {}, crl({ files: [file] })), 'verified')
  })
  it('is unknown without a current list, which matters where one is required', async () => {
    const lists = [
      await revocationList({ signer: world.middle, revoked: [], nextUpdateMs: NOW_MS - 1000 }),
      await revocationList({ signer: world.root, revoked: [] }),
    ].map(world.file)
    assert.equal(await outcome({}, {}, crl({ files: lists, required: true })), 'revocation-unknown')
    const current = world.file(await revocationList({ signer: world.middle, revoked: [] }))
    assert.equal(await outcome({}, {}, crl({ files: [...lists, current], required: true })), 'verified')
  })
  it('goes on with the lists it has when one cannot be read', async () => {
    const verifier = world.verifier(
      crl({ files: ['/nowhere', world.file('rubbish')], urls: [world.publish('rubbish')] }),
    )
    await verifier.ready
    assert.equal(verifier.counters.listFailures, 3)
    assert.equal(reasonOf(await verifier.verify([await identity(world)], request())), 'verified')
  })
})

describe('a diverted call (RFC 8946)', () => {
  const div = (from: string, to: string, more: Call = {}) =>
    identity(world, {
      extension: 'div',
      ...more,
      claims: { attest: undefined, origid: undefined, div: { tn: from }, dest: { tn: [to] }, ...more.claims },
    })
  const asked = { dest: CAROL }

  it('verifies over one diversion and over several, and names who diverted', async () => {
    const verifier = world.verifier()
    const one = await verifier.verify([await identity(world), await div('14155550100', '14155550111')], request(asked))
    assert.deepEqual([one.status, one.status === 'verified' && one.diverted], ['verified', ['14155550100']])
    const two = await verifier.verify(
      [await div('14155550105', '14155550111'), await identity(world), await div('14155550100', '14155550105')],
      request(asked),
    )
    assert.deepEqual(
      [two.status, two.status === 'verified' && two.diverted],
      ['verified', ['14155550100', '14155550105']],
    )
  })
  it('keeps the attestation of a token that waited for the call to ring', async () => {
    const headers = [await identity(world, { claims: { iat: seconds(-180) } }), await div('14155550100', '14155550111')]
    assert.equal(reasonOf(await world.verifier().verify(headers, request(asked))), 'verified')
  })
  const broken: readonly [string, string, () => Promise<readonly string[]>][] = [
    ['without the diversion', 'dest-mismatch', async () => [await identity(world)]],
    [
      'with a diversion by somebody else',
      'broken-chain',
      async () => [await identity(world), await div('14155550199', '14155550111')],
    ],
    [
      'with a diversion elsewhere',
      'broken-chain',
      async () => [await identity(world), await div('14155550100', '14155550199')],
    ],
    [
      'with a diversion of another caller',
      'broken-chain',
      async () => [
        await identity(world),
        await div('14155550100', '14155550111', { claims: { orig: { tn: '33611111111' } } }),
      ],
    ],
    [
      'in a loop',
      'broken-chain',
      async () => [
        await identity(world),
        await div('14155550100', '14155550105'),
        await div('14155550105', '14155550100'),
      ],
    ],
    [
      'with a stale diversion',
      'stale',
      async () => [await identity(world), await div('14155550100', '14155550111', { claims: { iat: seconds(-120) } })],
    ],
    [
      'with a diversion that a stranger signed',
      'bad-signature',
      async () => [await identity(world), await div('14155550100', '14155550111', { keys: (await issue()).keys })],
    ],
    ['by the diversion alone', 'broken-chain', async () => [await div('14155550100', '14155550111')]],
  ]
  for (const [name, reason, headers] of broken)
    it(`${name}: ${reason}`, async () => {
      assert.equal(reasonOf(await world.verifier().verify(await headers(), request(asked))), reason)
    })
})

describe('a signed message (RFC 9475)', () => {
  const body = Buffer.from('Lunch at noon?')
  const msgi = 'sha256-pTFmREcb8qWcnDwRX/tZOGCHQWnVCpxhNaz0gRJiGGo='
  const signed = async (claims: object) => identity(world, { extension: 'msg', claims: { ...claims } })
  it('verifies with the digest of its body, and without one', async () => {
    const { createHash } = await import('node:crypto')
    const digest = `sha256-${createHash('sha256').update(body).digest('base64')}`
    assert.equal(
      reasonOf(await world.verifier().verify([await signed({ msgi: digest })], request({ body }))),
      'verified',
    )
    assert.equal(reasonOf(await world.verifier().verify([await signed({})], request({ body }))), 'verified')
  })
  it('with another body: message-changed', async () => {
    assert.equal(
      reasonOf(await world.verifier().verify([await signed({ msgi })], request({ body }))),
      'message-changed',
    )
    assert.equal(
      reasonOf(await world.verifier().verify([await signed({ msgi: 'md5-AAAA' })], request({ body }))),
      'malformed',
    )
  })
})

describe('the compact form (RFC 8225 §7)', () => {
  const dateMs = Math.floor(NOW_MS / 1000) * 1000
  async function compact(claims: Readonly<Record<string, unknown>>): Promise<string> {
    const x5u = world.publish(world.operator.pem + world.middle.pem)
    const token = await sign({ keys: world.operator.keys, x5u, claims })
    return identityOf(`..${token.split('.')[2]}`, x5u, '')
  }
  const claims = { dest: { tn: ['14155550100'] }, iat: dateMs / 1000, orig: { tn: '33123456789' } }
  it('verifies when From, To and Date give what was signed', async () => {
    const verification = await world
      .verifier()
      .verify([await compact(claims)], request({ dateMs, orig: ['sip:x@y.example', '+33123456789'] }))
    assert.deepEqual(
      [verification.status, verification.status === 'verified' && verification.orig],
      ['verified', '+33123456789'],
    )
  })
  it('does not verify for anybody else, without a Date, or with an old one', async () => {
    const header = await compact(claims)
    const verify = async (more: Partial<VerifyRequest>) =>
      reasonOf(await world.verifier().verify([header], request({ dateMs, ...more })))
    assert.equal(await verify({ orig: '+33611111111' }), 'bad-signature')
    assert.equal(await verify({ dest: '+33611111111' }), 'bad-signature')
    assert.equal(await verify({ dateMs: undefined }), 'malformed')
    assert.equal(await verify({ nowMs: NOW_MS + 120_000 }), 'stale')
  })
  it('cannot carry an attestation: malformed', async () => {
    const header = (await compact(claims)).concat(';ppt="shaken"')
    assert.equal(reasonOf(await world.verifier().verify([header], request({ dateMs }))), 'malformed')
  })
})
