import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createIdentity, neighbourDigits } from '../../../engine/identity/index.ts'

const identity = createIdentity({ defaultCountry: 'FR' })

describe('the party of a number', () => {
  const same = '+33144556677'
  for (const raw of [
    same,
    '+330144556677',
    '0144556677',
    '01 44 55 66 77',
    '01.44.55.66.77',
    '+33 (0)1-44-55-66-77',
    '0033144556677',
    '00 33 1 44 55 66 77',
    '01133144556677',
    '33144556677',
    'tel:+33-1-44-55-66-77',
    '0144556677;phone-context=+33',
    '144556677;phone-context=+33',
    '+33144556677;npdi;rn=+33988990000',
    '+33144556677;tgrp=TG1;trunk-context=example.com',
    '%2B33144556677',
  ]) {
    it(`is ${same} for ${raw}`, () => assert.equal(identity.ofNumber(raw), same))
  }

  it('is read with the calling plan of the default country', () => {
    assert.equal(createIdentity({ defaultCountry: 'US' }).ofNumber('(202) 555-1234'), '+12025551234')
    assert.equal(createIdentity({ defaultCountry: 'US' }).ofNumber('011 33 1 44 55 66 77'), same)
    assert.equal(createIdentity({ defaultCountry: 'SN' }).ofNumber('77 123 45 67'), '+221771234567')
    assert.equal(createIdentity({ defaultCountry: 'IT' }).ofNumber('06 1234 5678'), '+390612345678')
  })

  it('of another country without + is found where its plan has assigned it', () => {
    assert.equal(identity.ofNumber('12025551234'), '+12025551234')
    assert.equal(identity.ofNumber('447911123456'), '+447911123456')
  })

  it('loses configured portability prefixes', () => {
    const ported = createIdentity({ defaultCountry: 'FR', portabilityPrefixes: ['D0400', '98765'] })
    assert.equal(ported.ofNumber('D04000144556677'), same)
    assert.equal(ported.ofNumber('987650144556677'), same)
    assert.equal(ported.ofNumber('+9876533144556677'), same)
  })

  it('over 15 digits is the home number behind an unknown routing prefix', () => {
    assert.equal(identity.ofNumber('55555533144556677'), same)
    assert.equal(identity.ofNumber('+55555533144556677'), same)
  })

  it('keeps what no plan reads: short codes, alphanumeric senders, nothing at all', () => {
    assert.equal(identity.ofNumber('36179'), '36179')
    assert.equal(identity.ofNumber('BankAlert'), 'BankAlert')
    assert.equal(identity.ofNumber('La Poste'), 'La Poste')
    assert.equal(identity.ofNumber('  '), 'anonymous')
  })

  it('keeps an unassigned number as a number: spoofed origins are made of them', () => {
    assert.equal(identity.ofNumber('+999123456789'), '+999123456789')
    assert.equal(identity.numberFacts('+999123456789').valid, false)
  })
})

describe('the party of a user at a host', () => {
  const of = (user: string, host: string, isPhone?: boolean) => identity.ofUser(user, host, isPhone)
  it('is the number where the user looks like one or is said to be one', () => {
    assert.equal(of('+33144556677', 'ims.example'), '+33144556677')
    assert.equal(of('0144556677', 'pbx.example'), '+33144556677')
    assert.equal(of('%2B33144556677', 'pbx.example'), '+33144556677')
    assert.equal(of('+33144556677;npdi;rn=+339', 'gw.example'), '+33144556677')
    assert.equal(of('+33-1-44-55-66-77', 'gw.example', true), '+33144556677')
    assert.equal(of('+33144556677', ''), '+33144556677')
  })
  it('is the address otherwise, the host in lower case, extensions included', () => {
    assert.equal(of('Alice', 'Example.COM'), 'Alice@example.com')
    assert.equal(of('100', 'PBX.example'), '100@pbx.example')
    assert.equal(of('bob7654321', 'a.example'), 'bob7654321@a.example')
    assert.equal(of('%75ser:secret', 'a.example'), 'user@a.example')
    assert.equal(of('', 'A.example'), 'a.example')
    assert.equal(of('anonymous', 'anonymous.invalid'), 'anonymous@anonymous.invalid')
  })
})

describe('facts of a number', () => {
  for (const [number, type, country] of [
    ['+33144556677', 'fixed', 'FR'],
    ['+33612345678', 'mobile', 'FR'],
    ['+33899123456', 'premium', 'FR'],
    ['+33800123456', 'toll-free', 'FR'],
    ['+33810123456', 'shared-cost', 'FR'],
    ['+33912345678', 'voip', 'FR'],
    ['+12025551234', 'fixed-or-mobile', 'US'],
    ['+80012345678', 'toll-free', '001'],
  ] as const) {
    it(`${number} is ${type} in ${country}`, () => {
      assert.deepEqual(identity.numberFacts(number), { isNumber: true, valid: true, type, country })
      assert.deepEqual(identity.numberFacts(number), { isNumber: true, valid: true, type, country })
    })
  }
  it('tell an unassigned number and what is no number', () => {
    assert.deepEqual(identity.numberFacts('+3300'), {
      isNumber: true,
      valid: false,
      type: 'unknown',
      country: 'FR',
      fault: 'wrong-length',
    })
    assert.equal(identity.numberFacts('+33044556677').valid, false)
    assert.equal(identity.numberFacts('alice@example.com').isNumber, false)
  })
  it('tell what is wrong with a number: no range, no length, no country', () => {
    for (const [number, fault] of [
      ['+33810000000', undefined],
      ['+33700000000', 'unassigned'],
      ['+12025551', 'wrong-length'],
      ['+331234567890123', 'wrong-length'],
      ['+12001234567', 'unassigned'],
      ['+21012345678', 'no-country'],
      ['+99912345678', 'no-country'],
    ] as const) {
      // Asked twice: once of the plans, once of the memory.
      for (let i = 0; i < 2; i++) {
        const { valid, fault: found } = identity.numberFacts(number)
        assert.deepEqual([valid, found], [fault === undefined, fault], number)
      }
    }
  })
})

describe('neighbour digits', () => {
  it('are the national digits in common from the left', () => {
    assert.equal(neighbourDigits('+33144556677', '+33144551234'), 5)
    assert.equal(neighbourDigits('+12025551234', '+12025559999'), 6)
    assert.equal(neighbourDigits('+33144556677', '+33144556677'), 9)
  })
  it('are none between countries or for what is no number', () => {
    assert.equal(neighbourDigits('+33144556677', '+34144556677'), 0)
    assert.equal(neighbourDigits('alice@a', '+33144556677'), 0)
  })
})

describe('any input', () => {
  it('gives a party of 1 to 256 characters, the same each time, whatever is in the cache', () => {
    const small = createIdentity({ defaultCountry: 'FR', cacheSize: 2 })
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 400 }), fc.stringMatching(/^[+0-9 ().;-]{0,40}$/)),
        fc.string(),
        (user, host) => {
          for (const party of [
            identity.ofNumber(user),
            identity.ofUser(user, host),
            identity.ofUser(user, host, true),
          ]) {
            assert.ok(party.length >= 1 && party.length <= 256)
          }
          assert.equal(small.ofNumber(user), identity.ofNumber(user))
          assert.equal(small.ofUser(user, host), createIdentity({ defaultCountry: 'FR' }).ofUser(user, host))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('reads a number it gave as itself', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+?[0-9]{5,18}$/), raw => {
        const party = identity.ofNumber(raw)
        assert.equal(identity.ofNumber(party), party)
      }),
      { numRuns: 2000 },
    )
  })

  it('is refused as a default country when it is none', () => {
    assert.throws(() => createIdentity({ defaultCountry: 'XX' }), { code: 'CONFIG_INVALID' })
  })
})
