import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createAddressTexts, formatV6 } from '../../../connectors/net/index.ts'
import { addressBytes } from '../../support/packets.ts'

test('IPv6 addresses are written as RFC 5952 says', () => {
  const cases = {
    '::': '::',
    '::1': '::1',
    '2001:db8::1': '2001:db8::1',
    '2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
    '2001:0:0:1:0:0:0:1': '2001:0:0:1::1',
    '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
    '1:0:0:0:0:0:0:0': '1::',
    'fe80::ABCD': 'fe80::abcd',
  }
  for (const [given, expected] of Object.entries(cases)) assert.equal(formatV6(addressBytes(given), 0), expected)
  assert.equal(formatV6(Buffer.from('00000000000000000000ffffc0000207', 'hex'), 0), '::ffff:192.0.2.7')
})

test('a URL parser reads back every IPv6 text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat({ max: 15 }), (bytes, zeros) => {
      bytes.fill(0, zeros, Math.min(16, zeros + 6))
      const text = formatV6(bytes, 0)
      if (text.includes('.')) return
      assert.equal(new URL(`http://[${text}]/`).hostname, `[${text}]`)
    }),
  )
})

test('the cache gives the right text whatever fell into its slots before', () => {
  const texts = createAddressTexts(4)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes => {
      assert.equal(texts.v4(bytes, 3), `${bytes[3]}.${bytes[4]}.${bytes[5]}.${bytes[6]}`)
      assert.equal(texts.v6(bytes, 0), formatV6(bytes, 0))
      assert.equal(texts.v6(bytes, 0), formatV6(bytes, 0))
    }),
  )
  assert.equal(texts.v4(Buffer.alloc(4), 0), '0.0.0.0')
  assert.equal(texts.v6(Buffer.alloc(16), 0), '::')
})
