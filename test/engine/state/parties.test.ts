import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createPartyTable, type PartyTable, type PartyTableOptions } from '../../../engine/state/index.ts'

const DAY_MS = 86_400_000
const VALUE = 16

function tableOf(options: Partial<PartyTableOptions> = {}): PartyTable {
  return createPartyTable({
    recordBytes: 128,
    layout: 'test',
    seed: 9,
    maxParties: 1000,
    idleMs: DAY_MS,
    maxAheadMs: Number.POSITIVE_INFINITY,
    ...options,
  })
}

test('a party keeps its own record among thousands, whatever is evicted around it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 900 }),
      fc.integer({ min: 40, max: 300 }),
      (visits, max) => {
        const table = tableOf({ maxParties: max })
        const cursor = table.cursor()
        const oracle = new Map<string, number>()
        let evicted: string[] = []
        const nameOf = new Map<number, string>()
        table.onEvict = gone => evicted.push(nameOf.get(gone.slot)!)
        visits.forEach((visit, n) => {
          const name = `party-${visit}`
          evicted = []
          const fresh = table.obtain(name, n, cursor)
          for (const gone of evicted) oracle.delete(gone)
          nameOf.set(cursor.slot, name)
          assert.equal(fresh, !oracle.has(name))
          assert.equal(cursor.u32[(cursor.base + VALUE) >>> 2], oracle.get(name) ?? 0)
          cursor.u32[(cursor.base + VALUE) >>> 2]!++
          oracle.set(name, (oracle.get(name) ?? 0) + 1)
          table.setLastMs(cursor, n)
          assert.equal(table.parties, oracle.size)
          assert.ok(table.parties <= max)
        })
        for (const [name, value] of oracle) {
          assert.ok(table.find(name, cursor))
          assert.equal(cursor.u32[(cursor.base + VALUE) >>> 2], value)
        }
        assert.equal(table.find('nobody', cursor), false)
      },
    ),
    { numRuns: 100 },
  )
})

test('when the table is full the party idle longest goes, and is counted', () => {
  const table = tableOf({ maxParties: 3 })
  const cursor = table.cursor()
  for (const [name, ms] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
    ['a', 4],
    ['d', 5],
  ] as const) {
    table.obtain(name, ms, cursor)
    table.setLastMs(cursor, ms)
  }
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map(name => table.find(name, cursor)),
    [true, false, true, true],
  )
  assert.equal(table.evictedFull, 1)
  assert.equal(table.evictedIdle, 0)
})

test('ten thousand one-shot parties stay within the bound', () => {
  const table = tableOf({ maxParties: 500 })
  const cursor = table.cursor()
  const before = table.bytes
  for (let n = 0; n < 10_000; n++) table.obtain(`one-shot-${n}`, n, cursor)
  assert.equal(table.parties, 500)
  assert.equal(table.evictedFull, 9_500)
  assert.equal(table.bytes, before)
})

test('idle parties are let go as event time passes, the others stay', () => {
  const table = tableOf()
  const cursor = table.cursor()
  const visit = (name: string, ms: number) => {
    table.expire()
    table.clock.take(ms)
    table.obtain(name, ms, cursor)
    table.setLastMs(cursor, ms)
  }
  for (let n = 0; n < 50; n++) visit(`idle-${n}`, 1000 + n)
  for (let ms = 1000; ms < 3 * DAY_MS; ms += 60_000) visit('busy', ms)
  assert.equal(table.parties, 1)
  assert.equal(table.evictedIdle, 50)
  assert.equal(table.find('busy', cursor), true)
})

test('one bad clock does not make every party look idle', () => {
  const table = tableOf({ maxAheadMs: 3_600_000 })
  const cursor = table.cursor()
  const visit = (name: string, ms: number) => {
    table.expire()
    const taken = table.clock.take(ms)
    table.obtain(name, taken, cursor)
    table.setLastMs(cursor, Math.max(taken, table.lastMs(cursor)))
    return taken
  }
  const start = 1_764_000_000_000
  for (let n = 0; n < 5000; n++) {
    visit(`party-${n % 100}`, start + n * 1000)
    // Every seventh event comes from a tap that lives a year ahead.
    if (n % 7 === 0 && n > 200) assert.equal(visit(`odd-${n % 5}`, start + 365 * DAY_MS + n * 1000), start + n * 1000)
  }
  assert.equal(table.evictedIdle, 0)
  assert.equal(table.clock.frontierMs, start + 4_999_000)
})

test('all the traffic may jump ahead: after a lull the time of the third event is believed', () => {
  const { clock } = tableOf({ maxAheadMs: 60_000 })
  const start = 1_764_000_000_000
  for (let n = 0; n < 500; n++) assert.equal(clock.take(start + n), start + n)
  const later = start + 10 * DAY_MS
  assert.deepEqual(
    [clock.take(later), clock.take(later + 5), clock.take(later + 9)],
    [start + 499, start + 499, later + 9],
  )
  assert.equal(clock.take(later + 4), later + 4)
})

test('a sparse stream is never doubted, however far it jumps', () => {
  const { clock } = tableOf({ maxAheadMs: 60_000 })
  for (let n = 0; n < 500; n++)
    assert.equal(clock.take(1e12 + n * 7_200_000 + (n % 9) * 4e6), 1e12 + n * 7_200_000 + (n % 9) * 4e6)
})

test('a hundred thousand parties are found again after the pages are copied and the index rebuilt', () => {
  const table = tableOf({ maxParties: 100_000 })
  const cursor = table.cursor()
  for (let n = 0; n < 100_000; n++) {
    table.obtain(`+4912345${n}`, n, cursor)
    cursor.u32[(cursor.base + VALUE) >>> 2] = n
  }
  const copy = tableOf({ maxParties: 100_000 })
  const frozen = table.state.freeze(true)
  for (let page = frozen.next(); page !== undefined; page = frozen.next()) copy.state.load(page.page, page.bytes)
  frozen.release()
  copy.state.restored()
  const copied = copy.cursor()
  for (let n = 0; n < 100_000; n++) {
    assert.ok(copy.find(`+4912345${n}`, copied))
    assert.equal(copied.u32[(copied.base + VALUE) >>> 2], n)
  }
  assert.equal(copy.parties, 100_000)
})
