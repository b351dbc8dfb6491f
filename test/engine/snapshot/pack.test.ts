import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { packedBound, packZeros, unpackZeros } from '../../../engine/snapshot/pack.ts'

const words = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 0xffffffff })), {
  maxLength: 400,
})

describe('packing pages without their zero runs', () => {
  const pack = (page: Uint32Array): Uint32Array => {
    const out = new Uint32Array(packedBound(page.byteLength) >>> 2)
    const bytes = packZeros(new Uint8Array(page.buffer, page.byteOffset, page.byteLength), out)
    return out.slice(0, bytes >>> 2)
  }

  it('gives back every page, over whatever stood in the target', () => {
    fc.assert(
      fc.property(words, list => {
        const page = Uint32Array.from(list)
        const out = new Uint32Array(page.length).fill(0xdeadbeef)
        assert.equal(unpackZeros(pack(page), out), true)
        assert.deepEqual(out, page)
      }),
    )
  })

  it('gives back pages with runs longer than a head can count', () => {
    for (const fill of [0, 5]) {
      const page = new Uint32Array(200_000).fill(fill)
      page[199_999] = 1
      const out = new Uint32Array(page.length)
      assert.equal(unpackZeros(pack(page), out), true)
      assert.deepEqual(out, page)
    }
  })

  it('refuses what does not fill the page exactly, whatever the bytes', () => {
    fc.assert(
      fc.property(words, fc.nat(500), (list, length) => {
        const out = new Uint32Array(length)
        unpackZeros(Uint32Array.from(list), out)
        assert.equal(unpackZeros(pack(Uint32Array.from([...list, 1])), new Uint32Array(list.length)), false)
      }),
    )
  })
})
