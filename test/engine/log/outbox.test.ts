import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { topics } from '../../../engine/activity/index.ts'
import { RingfenceError } from '../../../engine/errors/index.ts'
import { type AppendRecord, createOutbox, type OutboxOptions } from '../../../engine/log/index.ts'
import { record, text } from '../../contract/harness.ts'

const activity = topics.activity.topic
const numbered = (i: number) => record(activity, 'k', String(i))
const turns = async (count = 20) => {
  for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve))
}

/** A log that can be away, and timers that fire when told. */
function bench(options: Partial<OutboxOptions> = {}) {
  const appended: string[] = []
  const batches: number[] = []
  const due = new Set<() => void>()
  const delays: number[] = []
  const state = { away: false, closed: false, held: undefined as Promise<void> | undefined, troubles: 0 }
  const outbox = createOutbox({
    log: {
      async append(records: readonly AppendRecord[]) {
        await state.held
        if (state.closed) throw new RingfenceError('LOG_CLOSED', 'closed')
        if (state.away) throw new RingfenceError('LOG_UNAVAILABLE', 'away')
        if (records.some(each => text(each.value) === 'bad')) throw new RingfenceError('RECORD_INVALID', 'bad')
        appended.push(...records.map(each => text(each.value)!))
        batches.push(records.length)
      },
    },
    timers: {
      after(delayMs, call) {
        delays.push(delayMs)
        due.add(call)
        return () => due.delete(call)
      },
    },
    onTrouble: () => state.troubles++,
    ...options,
  })
  return {
    outbox,
    appended,
    batches,
    delays,
    state,
    due,
    /** Lets every timer that is set fire, until none is left or nothing moves. */
    async run() {
      await turns(5)
      for (let i = 0; i < 500 && due.size > 0; i++) {
        for (const call of [...due]) {
          due.delete(call)
          call()
        }
        await turns(5)
      }
    },
  }
}

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ringfence-spill-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => String(from + i))

describe('the outbox', () => {
  it('sends what was emitted within its few milliseconds as one batch, in order, and then sets no timer', async () => {
    const { outbox, appended, batches, due, run } = bench()
    for (let i = 0; i < 100; i++) outbox.emit(numbered(i))
    assert.equal(appended.length, 0)
    await run()
    assert.deepEqual(appended, range(0, 100))
    assert.deepEqual(batches, [100])
    assert.equal(due.size, 0)
  })

  it('sends at once when a batch is full', async () => {
    const { outbox, appended } = bench({ batchBytes: 1000 })
    for (let i = 0; i < 50; i++) outbox.emit(numbered(i))
    await turns(100)
    assert.ok(appended.length > 0)
  })

  it('says when everything emitted before is durable, and not earlier', async () => {
    const { outbox, state, run } = bench()
    await outbox.durable()
    state.away = true
    outbox.emit(numbered(1))
    let durable = false
    const waiting = outbox.durable().then(() => {
      durable = true
    })
    outbox.emit(numbered(2))
    await turns()
    assert.equal(durable, false)
    state.away = false
    await run()
    await waiting
  })

  it('tries again, ever more slowly, until the log is back', async () => {
    const { outbox, appended, delays, state, due } = bench()
    state.away = true
    outbox.emit(numbered(1))
    for (let i = 0; i < 9; i++) {
      for (const call of [...due]) {
        due.delete(call)
        call()
      }
      await turns()
    }
    assert.deepEqual(delays, [3, 50, 100, 200, 400, 800, 1600, 3200, 5000, 5000])
    state.away = false
    for (const call of [...due]) call()
    await turns()
    assert.deepEqual(appended, ['1'])
    assert.equal(outbox.counters.failures, 9)
    assert.ok(state.troubles > 0)
  })

  it('without a disk drops the oldest, counted, and stays inside its memory', async () => {
    const { outbox, appended, state, run } = bench({ queueBytes: 6600, batchBytes: 660 })
    state.away = true
    for (let i = 0; i < 1000; i++) outbox.emit(numbered(i))
    assert.ok(outbox.counters.queuedBytes <= 6600)
    assert.equal(outbox.congested(), true)
    const { queued, dropped } = outbox.counters
    assert.equal(queued + dropped, 1000)
    state.away = false
    await run()
    assert.equal(appended.length, queued)
    assert.equal(appended.at(-1), '999')
    assert.equal(outbox.congested(), false)
  })

  it('goes on without a record that the log refuses for what it is', async () => {
    const { outbox, appended, run } = bench()
    outbox.emit(numbered(1))
    outbox.emit(record(activity, 'k', 'bad'))
    outbox.emit(numbered(2))
    await run()
    assert.deepEqual(appended, ['1', '2'])
    assert.equal(outbox.counters.invalid, 1)
    assert.equal(outbox.counters.dropped, 0)
  })

  it('counts what is emitted after it was closed', async () => {
    const { outbox, appended } = bench()
    outbox.emit(numbered(1))
    await outbox.close()
    assert.deepEqual(appended, ['1'])
    outbox.emit(numbered(2))
    assert.equal(outbox.counters.dropped, 1)
    await outbox.durable()
  })
})

describe('the outbox with a disk', () => {
  it('keeps a record as it was over the spill: key, partition, tombstone, trace', async t => {
    const spill = { directory: directory(t), maxBytes: 10_000_000 }
    const sent: AppendRecord[] = [
      { ...numbered(1), traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
      { ...numbered(2), key: null, partition: 3 },
      { ...numbered(3), value: null, traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' },
    ]
    const away = createOutbox({ log: { append: () => Promise.reject(new Error('away')) }, spill, batchMs: 60_000 })
    for (const each of sent) away.emit(each)
    await away.close()
    const taken: AppendRecord[] = []
    const back = createOutbox({ log: { append: async records => void taken.push(...records) }, spill })
    await back.durable()
    await back.close()
    const plain = taken.map(each => ({ ...each, value: each.value && text(each.value) }))
    assert.deepEqual(
      plain,
      sent.map(each => ({ ...each, value: each.value && text(each.value) })),
    )
  })

  it('spills when memory is full and sends all in order when the log is back', async t => {
    const spill = { directory: directory(t), maxBytes: 10_000_000 }
    const { outbox, appended, state, run } = bench({ queueBytes: 2000, batchBytes: 500, spill })
    state.away = true
    for (let i = 0; i < 3000; i++) outbox.emit(numbered(i))
    assert.ok(outbox.counters.spilled > 2000)
    assert.equal(outbox.congested(), true)
    state.away = false
    const durable = outbox.durable()
    await run()
    for (let i = 3000; i < 3100; i++) outbox.emit(numbered(i))
    await durable
    await run()
    assert.deepEqual(appended, range(0, 3100))
    assert.equal(outbox.counters.dropped, 0)
    assert.equal(outbox.counters.spilled, 0)
    assert.deepEqual(readdirSync(spill.directory), [])
  })

  it('drops the oldest on disk when that is full too', async t => {
    const spill = { directory: directory(t), maxBytes: 20_000 }
    const { outbox, appended, state, run } = bench({ queueBytes: 2000, batchBytes: 500, spill })
    state.away = true
    for (let i = 0; i < 3000; i++) outbox.emit(numbered(i))
    assert.ok(outbox.counters.spilledBytes <= 20_000)
    const { queued, spilled, dropped } = outbox.counters
    assert.equal(queued + spilled + dropped, 3000)
    state.away = false
    await run()
    assert.equal(appended.length, 3000 - dropped)
    assert.deepEqual(appended.slice(-spilled), range(3000 - spilled, 3000))
  })

  it('leaves what it could not send to the next process, which finds it in order', async t => {
    const spill = { directory: directory(t), maxBytes: 10_000_000 }
    const first = bench({ queueBytes: 2000, batchBytes: 500, spill })
    first.state.away = true
    for (let i = 0; i < 500; i++) first.outbox.emit(numbered(i))
    await first.outbox.close()
    assert.equal(first.outbox.counters.spilled, 500)
    const second = bench({ spill })
    for (let i = 500; i < 510; i++) second.outbox.emit(numbered(i))
    await second.run()
    assert.deepEqual(second.appended, range(0, 510))
  })

  it('survives a file that a crash has torn, and counts what it held', async t => {
    const spill = { directory: directory(t), maxBytes: 10_000_000 }
    const first = bench({ queueBytes: 100, spill })
    first.state.away = true
    for (let i = 0; i < 50; i++) first.outbox.emit(numbered(i))
    await first.outbox.close()
    const files = readdirSync(spill.directory).sort()
    truncateSync(join(spill.directory, files.at(-1)!), 75)
    const second = bench({ spill })
    await second.run()
    assert.ok(second.appended.length >= 2 && second.appended.length < 50)
    assert.deepEqual(second.appended, range(0, second.appended.length))
    assert.equal(second.outbox.counters.spilled, 0)
  })

  it('never loses, doubles or reorders anything when it has room, however the log comes and goes', async t => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('emit' as const), count: fc.integer({ min: 1, max: 60 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constantFrom('away' as const, 'back' as const, 'restart' as const) }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('run' as const) }) },
    )
    const root = directory(t)
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const spill = { directory: join(root, String(runs++)), maxBytes: 1e7 }
        const appended: string[] = []
        let current = bench({ queueBytes: 3000, batchBytes: 700, spill })
        let emitted = 0
        let away = false
        const restart = async () => {
          await current.outbox.close()
          appended.push(...current.appended)
          current = bench({ queueBytes: 3000, batchBytes: 700, spill })
          current.state.away = away
        }
        for (const each of steps) {
          if (each.do === 'emit') for (let i = 0; i < each.count; i++) current.outbox.emit(numbered(emitted++))
          else if (each.do === 'restart') await restart()
          else if (each.do === 'run' && !away) await current.run()
          else if (each.do !== 'run') current.state.away = away = each.do === 'away'
        }
        away = current.state.away = false
        await restart()
        await restart()
        // A batch whose append failed for the closing is sent again from disk: at least once, in order.
        assert.deepEqual(appended, range(0, emitted))
      }),
      { numRuns: 60 },
    )
  })
})
