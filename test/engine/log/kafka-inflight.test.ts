import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createInflight } from '../../../engine/log/kafka/inflight.ts'

test('requests in flight are kept as a Map would keep them', () => {
  const step = fc.record({ what: fc.constantFrom('set', 'delete', 'clear'), id: fc.nat(8) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const map = new Map<number, object>()
      const inflight = createInflight<object>()
      for (const { what, id } of steps) {
        if (what === 'clear') {
          map.clear()
          inflight.clear()
        } else if (what === 'delete') {
          map.delete(id)
          inflight.delete(id)
        } else if (!map.has(id)) {
          // An id that is under way is never given again: kafkajs looks first.
          const request = { id }
          map.set(id, request)
          inflight.set(id, request)
        }
        assert.equal(inflight.size, map.size)
        assert.deepEqual(inflight.values(), [...map.values()])
        for (let each = 0; each <= 8; each++) {
          assert.equal(inflight.has(each), map.has(each))
          assert.equal(inflight.get(each), map.get(each))
        }
      }
    }),
  )
})
