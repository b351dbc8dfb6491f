import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createSnapshotWriter, type Restored, restoreSnapshot } from '../../../engine/snapshot/index.ts'
import { type FakeLog, type FakeState, fakeLog, fakeState } from './fakes.ts'

const PARTITION = 3
const mark = (next: number) => ({ offsets: { 'ringfence.activity': next }, versions: { engine: '1' } })

/** A process: states, the writer of their snapshots, and what it did. */
async function start(log: FakeLog, names: readonly string[] = ['parties', 'windows']) {
  let states: FakeState[] = []
  const restored = await restoreSnapshot(log, PARTITION, () => {
    states = names.map(name => fakeState(name))
    return states
  })
  const writer = createSnapshotWriter({
    log,
    partition: PARTITION,
    sections: states,
    base: restored.base,
    now: () => 1,
  })
  return { states, writer, restored, image: () => states.map(state => state.image()).join('\n--\n') }
}

const offsetOf = (restored: Restored) =>
  restored.outcome === 'restored' ? restored.mark.offsets['ringfence.activity'] : undefined

type Step =
  | { readonly do: 'write'; readonly state: number; readonly page: number; readonly at: number; readonly value: number }
  | { readonly do: 'begin' | 'step' | 'crash' | 'abort' | 'fail' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      state: fc.nat(1),
      page: fc.nat(20),
      at: fc.nat(63),
      value: fc.nat(255),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('begin' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('step' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('crash' as const, 'abort' as const, 'fail' as const) }) },
)

/** What a freeze saw; `complete` is what a restart must find. */
interface Seen {
  readonly image: string
  readonly next: number
}

/** Plays the steps, and at every crash and at the end compares what a new process restores with what was completed. */
async function play(log: FakeLog, steps: readonly Step[]): Promise<void> {
  let process = await start(log)
  let frozen: Seen | undefined
  let complete: Seen | undefined
  const restart = async () => {
    process = await start(log)
    assert.equal(offsetOf(process.restored), complete?.next)
    assert.equal(process.image(), complete?.image ?? '\n--\n')
    assert.deepEqual(process.restored.skipped, [])
  }
  const go = async () => {
    try {
      if (await process.writer.step()) complete = frozen
    } catch (error) {
      assert.match(String(error), /log is gone/)
    }
  }
  for (const [time, each] of steps.entries()) {
    if (each.do === 'write') process.states[each.state]!.write(each.page, each.at, each.value)
    else if (each.do === 'abort') process.writer.abort()
    else if (each.do === 'crash') await restart()
    else if (each.do === 'begin' && !process.writer.busy) {
      frozen = { image: process.image(), next: time }
      process.writer.begin(mark(time))
    } else if (each.do !== 'begin' && process.writer.busy) {
      if (each.do === 'fail') log.failAfter(0)
      await go()
      log.failAfter(Number.POSITIVE_INFINITY)
    }
  }
  await restart()
}

describe('snapshots', () => {
  it('restore exactly the last completed freeze, whatever was written, aborted, refused or cut off after it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(step, { maxLength: 120 }), async (compact, steps) => {
        await play(fakeLog(compact), steps)
      }),
      { numRuns: 300 },
    )
  })

  it('write only the pages that changed', async () => {
    const log = fakeLog(true)
    const { states, writer } = await start(log)
    for (let page = 0; page < 50; page++) states[0]!.write(page, 0, 1)
    await writer.write(mark(1))
    assert.equal(writer.written.pages, 50)
    states[0]!.write(7, 1, 9)
    states[1]!.write(0, 1, 9)
    await writer.write(mark(2))
    assert.equal(writer.written.pages, 52)
    assert.equal(writer.written.snapshots, 2)
  })

  it('fall back to the one before when a page of the newest is damaged, and say so', async () => {
    const log = fakeLog(true)
    const { states, writer, image } = await start(log)
    for (let page = 0; page < 5; page++) states[0]!.write(page, 0, 1)
    await writer.write(mark(1))
    const before = image()
    states[0]!.write(2, 5, 77)
    states[0]!.write(6, 5, 77)
    await writer.write(mark(2))
    const damaged = log.records.findLast(({ key }) => key!.startsWith('3/parties/2/'))!
    damaged.value[damaged.value.length - 1]! ^= 1
    const next = await start(log)
    assert.equal(offsetOf(next.restored), 1)
    assert.equal(next.image(), before)
    assert.equal(next.restored.skipped[0]?.code, 'SNAPSHOT_CORRUPT')
    assert.match(next.restored.skipped[0]!.message, /partition 3, snapshot 2: page 2 of section parties is missing/)

    next.states[0]!.write(0, 0, 200)
    await next.writer.write(mark(3))
    const after = await start(log)
    assert.equal(offsetOf(after.restored), 3)
    assert.equal(after.image(), next.image())
  })

  it('of which every one is damaged leave empty states and the reasons', async () => {
    const log = fakeLog(true)
    const { states, writer } = await start(log)
    states[0]!.write(2, 5, 77)
    await writer.write(mark(1))
    for (const record of log.records) if (record.key!.includes('/parties/')) record.value.fill(0)
    const next = await start(log)
    assert.equal(next.restored.outcome, 'rebuild')
    assert.equal(next.restored.skipped[0]?.code, 'SNAPSHOT_CORRUPT')
    assert.equal(next.image(), '\n--\n')
    await next.writer.write(mark(9))
    assert.equal(offsetOf((await start(log)).restored), 9)
  })

  it('of another layout or other sections are refused, never guessed at', async () => {
    const log = fakeLog(true)
    const { states, writer } = await start(log)
    states[0]!.write(0, 0, 1)
    await writer.write(mark(1))
    const restored = await restoreSnapshot(log, PARTITION, () => [fakeState('parties', 'v2'), fakeState('windows')])
    assert.equal(restored.outcome, 'rebuild')
    assert.equal(restored.skipped[0]?.code, 'SNAPSHOT_INCOMPATIBLE')
    assert.match(restored.skipped[0]!.message, /section parties has layout v1, this version's is v2/)
    const missing = await start(log, ['parties', 'windows', 'profiles'])
    assert.match(missing.restored.skipped[0]!.message, /has no section profiles/)
    const extra = await start(log, ['parties'])
    assert.match(extra.restored.skipped[0]!.message, /has a section windows that this version does not know/)

    // The new layout's first snapshot is found although the old one had more generations.
    await extra.writer.write(mark(5))
    const again = await start(log, ['parties'])
    assert.equal(offsetOf(again.restored), 5)
  })

  it('keep the offsets, versions and note of their instant', async () => {
    const log = fakeLog(true)
    const { writer } = await start(log)
    const given = { ...mark(42), note: { published: [7, null] } }
    await writer.write(given)
    const { restored } = await start(log)
    assert.deepEqual(restored.outcome === 'restored' && restored.mark, given)
  })

  it('are one at a time', async () => {
    const { writer } = await start(fakeLog(true))
    writer.begin(mark(1))
    assert.throws(() => writer.begin(mark(2)), { code: 'SNAPSHOT_CORRUPT', message: /already under way/ })
  })

  it('have a manifest that spans records when there are very many pages', async () => {
    const log = fakeLog(true)
    const { states, writer, image } = await start(log)
    for (let page = 0; page < 150_000; page++)
      for (let at = 0; at < 3; at++) states[0]!.write(page, at, 1 + ((page >> (at * 6)) & 63))
    await writer.write(mark(1))
    assert.ok(log.records.filter(({ key }) => key!.includes('/.manifest/')).length > 1)
    assert.ok(log.records.every(({ value }) => value.length < 1_000_000))
    const next = await start(log)
    assert.equal(next.image(), image())
  })
})
