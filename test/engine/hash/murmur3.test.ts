import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Hash128, hashBytes, hashText, idOf } from '../../../engine/hash/index.ts'

const hex = (h: Hash128) => [...h].map(w => w.toString(16).padStart(8, '0')).join('')
const of = (text: string, seed = 0) => {
  const out = new Uint32Array(4)
  hashText(text, seed, out)
  return hex(out)
}

describe('MurmurHash3 x86 128', () => {
  // Vectors of the reference implementation (aappleby/smhasher, MurmurHash3_x86_128).
  it('agrees with the reference vectors', () => {
    assert.equal(of(''), '00000000000000000000000000000000')
    assert.equal(of('I will not buy this record, it is scratched.'), 'a0a9683b25ac5e40d9af2895890dddf5')
    assert.equal(of('The quick brown fox jumps over the lazy dog'), '2f1583c3ecee2c675d7bf66ce5e91d2c')
  })

  it('is the same over text and over its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer(), (text, seed) => {
        const bytes = new TextEncoder().encode(text)
        const out = new Uint32Array(4)
        hashBytes(bytes, 0, bytes.length, seed, out)
        assert.equal(of(text, seed), hex(out))
      }),
    )
  })

  it('gives ids of 20 URL-safe characters that tell parts apart', () => {
    assert.match(idOf('a', 'bc'), /^[\w-]{20}$/)
    assert.notEqual(idOf('a', 'bc'), idOf('ab', 'c'))
  })
})
