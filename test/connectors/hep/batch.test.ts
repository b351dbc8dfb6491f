import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createBatchWriter, readBatch } from '../../../connectors/hep/batch.ts'

test('a batch gives back what was put in, in order, until it is full', () => {
  const datagrams = fc.array(fc.record({ bytes: fc.uint8Array({ maxLength: 300 }), peer: fc.ipV4() }), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(datagrams, given => {
      const writer = createBatchWriter(new ArrayBuffer(4096))
      const taken = given.filter(({ bytes, peer }) => writer.add(bytes, peer))
      const batch = structuredClone(writer.take(77))
      const seen: { bytes: Uint8Array; peer: string }[] = []
      readBatch(batch, (bytes, start, end, peer, receivedMs) => {
        assert.equal(receivedMs, 77)
        seen.push({ bytes: new Uint8Array(bytes.subarray(start, end)), peer })
      })
      assert.deepEqual(
        seen,
        taken.map(({ bytes, peer }) => ({ bytes: new Uint8Array(bytes), peer })),
      )
      assert.ok(batch.used <= 4096)
    }),
  )
})
