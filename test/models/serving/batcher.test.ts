import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Batcher, createBatcher, type Waiting } from '../../../models/serving/index.ts'

/** A batcher on a clock of its own, whose batches end when the test says so. */
function rig(options: { batchRows?: number; capacity?: number; inFlight?: number } = {}) {
  let nowMs = 0
  const timers: { at: number; callback: () => void }[] = []
  const running: { rows: readonly Waiting[]; end: () => void }[] = []
  const settled: string[] = []
  const over = new Set<string>()
  const batcher: Batcher = createBatcher({
    batchRows: options.batchRows ?? 4,
    waitMs: 2,
    capacity: options.capacity ?? 10,
    inFlight: () => options.inFlight ?? 1,
    run: rows => new Promise(resolve => running.push({ rows, end: resolve })),
    now: () => nowMs,
    later(callback, ms) {
      const timer = { at: nowMs + ms, callback }
      timers.push(timer)
      return () => timers.splice(timers.indexOf(timer), 1)
    },
  })
  return {
    batcher,
    running,
    settled,
    over,
    push: (text: string) =>
      batcher.push({
        request: { about: 'text', text },
        sinceMs: nowMs,
        over: over.has(text),
        settle: result => settled.push(`${text}:${result.scored}`),
      }),
    pass(ms: number) {
      nowMs += ms
      for (const timer of timers.filter(t => t.at <= nowMs)) {
        timers.splice(timers.indexOf(timer), 1)
        timer.callback()
      }
    },
  }
}

test('a full batch goes out at once, a part of one after its wait', () => {
  const { running, push, pass } = rig({ inFlight: 2 })
  for (const text of ['a', 'b', 'c', 'd', 'e']) push(text)
  assert.deepEqual(
    running.map(batch => batch.rows.length),
    [4],
  )
  pass(1)
  assert.equal(running.length, 1)
  pass(1)
  assert.deepEqual(
    running.map(batch => batch.rows.length),
    [4, 1],
  )
})

test('rows gather while the threads are busy and are turned away when the queue is full', async () => {
  const { running, push, batcher } = rig({ capacity: 6 })
  for (let i = 0; i < 4; i++) assert.equal(push(`x${i}`), true)
  for (let i = 0; i < 6; i++) assert.equal(push(`y${i}`), true)
  assert.equal(push('z'), false)
  assert.equal(batcher.queued, 6)
  running[0]!.end()
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(running.length, 2)
  assert.equal(batcher.queued, 2)
  assert.equal(push('z'), true)
})

test('a hurried part of a batch goes out at once while a thread has room', () => {
  const { running, push, batcher } = rig()
  push('a')
  batcher.hurry()
  assert.equal(running.length, 1)
  push('b')
  batcher.hurry()
  assert.equal(running.length, 1)
  assert.equal(batcher.queued, 1)
})

test('rows whose caller has gone on are not scored', () => {
  const { running, push, pass, over } = rig()
  over.add('gone')
  push('gone')
  push('here')
  pass(2)
  assert.deepEqual(
    running.map(batch => batch.rows.length),
    [1],
  )
})

test('what waits when it is flushed is settled with the reason', () => {
  const { push, batcher, settled } = rig()
  for (let i = 0; i < 4; i++) push(`x${i}`)
  push('left')
  batcher.flush('closed')
  assert.deepEqual(settled, ['left:false'])
  assert.equal(batcher.queued, 0)
})
