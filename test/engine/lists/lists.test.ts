import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createLists, extendList, type ListKind, readList } from '../../../engine/lists/index.ts'

const read = (kind: ListKind, text: string) => readList({ kind, bytes: Buffer.from(text) })
const setOf = (kind: ListKind, text: string) => {
  const { set, problems } = read(kind, text)
  assert.deepEqual(problems, [])
  return set
}

test('numbers are found with and without their plus, and nothing beside them', () => {
  const set = setOf('numbers', '+33123456789\n4915112345678\n')
  assert.ok(set.has('+33123456789') && set.has('33123456789') && set.has('+4915112345678'))
  for (const other of ['+33123456788', '+331234567890', '+3312345678', '', '+', 'sip:a@b', '+33123456789x'])
    assert.ok(!set.has(other), other)
})

test('addresses of parties, short codes and URNs stand beside numbers', () => {
  const set = setOf('numbers', 'sip:eve@example.org\n112\n000\nurn:service:sos\n')
  for (const party of ['sip:eve@example.org', '112', '000', 'urn:service:sos']) assert.ok(set.has(party), party)
  assert.equal(set.size, 4)
})

test('comments, blank lines, CSV columns, carriage returns and a byte order mark are read over', () => {
  const text = '\uFEFF# ours\r\n\r\n+33123456789,reported 2026-01-02,anna\r\n  +33123456780   # a note\r\n+33123456781'
  const set = setOf('numbers', text)
  assert.equal(set.size, 3)
  for (const last of ['9', '0', '1']) assert.ok(set.has(`+3312345678${last}`))
})

test('wrong entries are problems with line and column, at most twenty of them', () => {
  const { problems } = read('numbers', '+33123456789\n\n   0612345678\n+1234567890123456\n')
  assert.deepEqual(
    problems.map(({ line, column, message }) => [line, column, message]),
    [
      [3, 4, '"0612345678" is not a number or an address of a party'],
      [4, 1, '"+1234567890123456" is not a number or an address of a party'],
    ],
  )
  assert.equal(read('prefixes', 'x\n'.repeat(50)).problems.length, 20)
})

test('a set of numbers agrees with a Set on random numbers, crowded and spread', () => {
  const number = fc.oneof(
    fc.integer({ min: 1, max: 2_000 }).map(n => String(33_600_000_000 + n)),
    fc.bigInt({ min: 1n, max: 999_999_999_999_999n }).map(String),
  )
  fc.assert(
    fc.property(fc.array(number, { maxLength: 300 }), fc.array(number, { maxLength: 100 }), (entries, asked) => {
      const set = setOf('numbers', entries.join('\n'))
      const oracle = new Set(entries)
      assert.equal(set.size, oracle.size)
      for (const one of [...entries, ...asked]) assert.equal(set.has(`+${one}`), oracle.has(one), one)
    }),
  )
})

test('ranges hold both their ends and overlap as they like', () => {
  const set = setOf('ranges', '+33160000000-+33160009999\n+33160005000-+33160019999\n+33170000000\n')
  for (const inside of ['+33160000000', '+33160007000', '+33160019999', '+33170000000'])
    assert.ok(set.has(inside), inside)
  for (const outside of ['+33159999999', '+33160020000', '+33170000001', '+3316000000'])
    assert.ok(!set.has(outside), outside)
  assert.equal(read('ranges', '+33160009999-+33160000000').problems.length, 1)
  assert.equal(read('ranges', '+3316-+33160000000').problems.length, 1)
})

test('prefixes agree with startsWith on random numbers', () => {
  const digits = (min: number, max: number) => fc.stringMatching(new RegExp(`^[1-9][0-9]{${min - 1},${max - 1}}$`))
  fc.assert(
    fc.property(
      fc.array(digits(1, 7), { minLength: 1, maxLength: 40 }),
      digits(5, 15),
      fc.nat(),
      (prefixes, tail, pick) => {
        const set = setOf('prefixes', prefixes.map(prefix => `+${prefix}`).join('\n'))
        const near = `${prefixes[pick % prefixes.length]}${tail}`.slice(0, 15)
        for (const number of [tail, near])
          assert.equal(
            set.has(`+${number}`),
            prefixes.some(prefix => number.startsWith(prefix)),
            number,
          )
      },
    ),
  )
})

test('addresses and blocks of both families, IPv4-mapped ones too', () => {
  const set = setOf('addresses', '192.0.2.0/24\n198.51.100.7\n2001:db8::/32\n2001:db9::1\n::ffff:203.0.113.0/25\n')
  for (const inside of [
    '192.0.2.0',
    '192.0.2.255',
    '::ffff:192.0.2.9',
    '198.51.100.7',
    '2001:db8:1::1',
    '2001:DB9::1',
    '203.0.113.127',
  ])
    assert.ok(set.has(inside), inside)
  for (const outside of [
    '192.0.3.0',
    '198.51.100.8',
    '2001:dba::',
    '203.0.113.128',
    'x',
    '',
    '1.2.3',
    '2001:db9::2',
    '300.1.1.1',
  ])
    assert.ok(!set.has(outside), outside)
  for (const wrong of ['192.0.2.0/33', '1.2.3.4.5', '2001:db8::/129', ':::', '2001:db8::1::2', '10.0.0.0/'])
    assert.equal(read('addresses', wrong).problems.length, 1, wrong)
})

test('agents are found by part and by beginning, whatever their case, again from memory', () => {
  const set = setOf('agents', 'SIPVicious\n^sipcli\n')
  for (let round = 0; round < 2; round++) {
    assert.ok(set.has('sipvicious 0.3') && set.has('SIPCLI/v1.8') && set.has('my friendly sipvicious'))
    assert.ok(!set.has('not sipcli') && !set.has('Zoiper') && !set.has(''))
  }
})

test('sender ids are compared whole', () => {
  const set = setOf('senders', 'MyBank\n')
  assert.ok(set.has('MYBANK'))
  assert.ok(!set.has('MyBank2'))
})

test('a name joins several sets, and an extension leaves the lists it came from alone', () => {
  const lists = createLists(
    new Map([['deny', [setOf('numbers', '+33162000001')]]]),
    new Map([['deny', 'numbers' as const]]),
  )
  const { lists: extended } = extendList(lists, 'deny', ['+33162000002'])
  assert.ok(extended.has('deny', '+33162000001') && extended.has('deny', '+33162000002'))
  assert.ok(!lists.has('deny', '+33162000002'))
  assert.ok(!extended.has('unknown', '+33162000001'))
})

test('a hundred thousand numbers take eight bytes each and a little', () => {
  const text = Array.from({ length: 100_000 }, (_, i) => `+${33_600_000_000 + ((i * 7_919) % 1_000_003) * 11}`).join(
    '\n',
  )
  const set = setOf('numbers', text)
  assert.equal(set.size, 100_000)
  assert.ok(set.bytes < 100_000 * 8.2)
})
