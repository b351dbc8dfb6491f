import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createPool, createRecordPages, createSeenIds } from '../../../engine/state/index.ts'

const make = () => createRecordPages({ name: 'test', layout: 'x', recordBytes: 8, pageShift: 1 })

test('a freeze gives the state of its moment, whatever is written while it is taken', () => {
  const writes = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 1e9 })), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(writes, writes, writes, fc.integer({ min: 0, max: 5 }), (first, during, between, takeFirst) => {
      const pages = make()
      const cursor = pages.cursor()
      const copy = make()
      const oracle = new Map<number, number>()
      const write = ([slot, value]: readonly [number, number]) => {
        pages.ensure(slot + 1)
        pages.touch(slot)
        pages.at(cursor, slot)
        cursor.u32[cursor.base >>> 2] = value
      }
      const take = (full: boolean, meanwhile: () => void) => {
        const frozen = pages.freeze(full)
        const load = () => {
          const page = frozen.next()
          if (page !== undefined) copy.load(page.page, page.bytes)
          return page !== undefined
        }
        for (let n = 0; n < takeFirst; n++) load()
        meanwhile()
        while (load()) {}
        frozen.release()
        const read = copy.cursor()
        for (const [slot, value] of oracle) {
          copy.at(read, slot)
          assert.equal(read.u32[read.base >>> 2], value)
        }
      }
      for (const one of first) {
        write(one)
        oracle.set(...one)
      }
      take(true, () => during.forEach(write))
      for (const one of during) oracle.set(...one)
      for (const one of between) {
        write(one)
        oracle.set(...one)
      }
      take(false, () => {})
    }),
    { numRuns: 200 },
  )
})

test('what a released freeze did not hand out is owed to the next one', () => {
  const pages = make()
  pages.ensure(10)
  for (const slot of [0, 4, 8]) pages.touch(slot)
  const abandoned = pages.freeze(false)
  assert.equal(abandoned.next()?.page, 0)
  abandoned.release()
  const next = pages.freeze(false)
  assert.deepEqual([next.next()?.page, next.next()?.page, next.next()], [2, 4, undefined])
  next.release()
})

test('a page of another size is refused with its name', () => {
  assert.throws(() => make().load(0, new Uint8Array(3)), {
    code: 'SNAPSHOT_INCOMPATIBLE',
    message: /test: page 0 has 3 bytes/,
  })
})

test('a table that is told how many come holds no more than those, and grows on when more come all the same', () => {
  const pages = createRecordPages({ name: 'test', layout: 'x', recordBytes: 8, pageShift: 1, most: 301 })
  const first = pages.cursor()
  const cursor = pages.cursor()
  pages.ensure(301)
  assert.equal(pages.capacity, 302)
  pages.touch(300)
  pages.at(cursor, 300)
  cursor.u32[cursor.base >>> 2] = 7
  // As a snapshot of a larger table does.
  pages.load(600, new Uint8Array(16).fill(9))
  assert.ok(pages.capacity > 1_200)
  pages.at(cursor, 300)
  assert.equal(cursor.u32[cursor.base >>> 2], 7)
  pages.at(cursor, 1_201)
  assert.equal(cursor.u8[cursor.base], 9)
  // A cursor that is kept on record 0 stays valid.
  pages.touch(0)
  first.u32[0] = 5
  pages.at(cursor, 0)
  assert.equal(cursor.u32[0], 5)
})

test('a pool hands out zeroed records and reuses what was given back', () => {
  const pool = createPool({ name: 'pool', layout: 'x', recordBytes: 16, pageShift: 2 })
  const cursor = pool.cursor()
  const slots = [pool.allocate(), pool.allocate(), pool.allocate()]
  assert.equal(new Set(slots).size, 3)
  pool.at(cursor, slots[1]!)
  cursor.u8.fill(7, cursor.base, cursor.base + 16)
  pool.free(slots[1]!)
  assert.equal(pool.used, 2)
  const again = pool.allocate()
  assert.equal(again, slots[1])
  pool.at(cursor, again)
  assert.deepEqual([...cursor.u8.subarray(cursor.base, cursor.base + 16)], new Array(16).fill(0))
})

test('an id is seen once, its two roles apart, for as long as the bound promises', () => {
  const ids = createSeenIds(512, 3)
  const bytes = ids.bytes
  assert.equal(ids.seen('a', 0), false)
  assert.equal(ids.seen('a', 1), false)
  assert.equal(ids.seen('a', 0), true)
  for (let n = 0; n < 510; n++) assert.equal(ids.seen(`id-${n}`, 0), false)
  assert.equal(ids.seen('a', 0), true)
  for (let n = 0; n < 5000; n++) ids.seen(`other-${n}`, 0)
  assert.equal(ids.seen('a', 0), false)
  assert.equal(ids.bytes, bytes)
})
