import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RingfenceError } from '../../../engine/errors/index.ts'
import { loadPacks } from '../../../engine/rules/index.ts'
import { createDecider, type Decider, type DeciderOptions } from '../../../engine/verdict/index.ts'
import { activity, defaultPack, vocabulary } from '../rules/support.ts'

const pack = loadPacks([defaultPack], vocabulary)
const spec = pack.rules.find(rule => rule.symbol === 'WANGIRI')!
const other = pack.rules.find(rule => rule.symbol === 'CALL_BURST')!
const flood = pack.rules.find(rule => rule.symbol === 'CALL_FLOOD')!

interface Step {
  readonly party: number
  readonly afterMs: number
  readonly what: 'strong' | 'weak' | 'nothing' | 'flood'
}

/** One step: an attempt of a party with or without findings. Gives what the decider said. */
function play(decider: Decider, step: Step, timeMs: number, id: number): unknown {
  const party = `+336${10_000_000 + step.party}`
  const found = { strong: spec, weak: other, flood, nothing: undefined }[step.what]
  const target = step.what === 'flood'
  return decider.decide({
    activity: activity({
      id: `a${id}`,
      time: timeMs,
      role: target ? 'target' : 'origin',
      from: { party: target ? '+33700000000' : party },
      to: { party: target ? party : '+33700000000' },
    }),
    findings: found === undefined ? [] : [{ spec: found, score: found.score, evidence: { n: id } }],
  })
}

function run(decider: Decider, steps: readonly Step[], from = 0, startMs = 1_764_000_000_000) {
  let timeMs = startMs
  for (const step of steps.slice(0, from)) timeMs += step.afterMs
  return steps.slice(from).map((step, i) => {
    timeMs += step.afterMs
    return play(decider, step, timeMs, from + i)
  })
}

/** Takes every page of a snapshot into another decider's state. */
function save(decider: Decider, full: boolean, into: Map<number, Uint8Array>): void {
  const frozen = decider.state.freeze(full)
  for (let taken = frozen.next(); taken !== undefined; taken = frozen.next()) into.set(taken.page, taken.bytes.slice())
  frozen.release()
}
function restore(pages: ReadonlyMap<number, Uint8Array>, options: DeciderOptions): Decider {
  const decider = createDecider(pack, options)
  for (const [page, bytes] of pages) decider.state.load(page, bytes)
  decider.state.restored()
  return decider
}

const steps = fc.array(
  fc.record({
    party: fc.nat(12),
    afterMs: fc.oneof(fc.nat(90_000), fc.constant(7 * 3_600_000)),
    what: fc.constantFrom<Step['what']>('strong', 'weak', 'nothing', 'nothing', 'flood'),
  }),
  { minLength: 1, maxLength: 120 },
)

test('prefix + snapshot + restore + rest says what the whole says, at any cut, with evictions', () => {
  const options = { maxParties: 6 }
  fc.assert(
    fc.property(steps, fc.nat(), fc.nat(), (all, a, b) => {
      const [first, second] = [a % (all.length + 1), b % (all.length + 1)].sort((x, y) => x - y) as [number, number]
      const whole = run(createDecider(pack, options), all)
      const decider = createDecider(pack, options)
      const pages = new Map<number, Uint8Array>()
      run(decider, all.slice(0, first))
      save(decider, true, pages)
      run(decider, all.slice(0, second), first)
      save(decider, false, pages)
      const rest = run(restore(pages, options), all, second)
      assert.deepEqual(JSON.stringify(rest), JSON.stringify(whole.slice(second)))
    }),
    { numRuns: 60 },
  )
})

test('a snapshot holds the state at its freeze, whatever changes while it is taken', () => {
  const decider = createDecider(pack)
  const start = 1_764_000_000_000
  for (let party = 0; party < 50; party++) play(decider, { party, afterMs: 0, what: 'strong' }, start, party)
  const expected = new Map<number, Uint8Array>()
  save(decider, true, expected)
  const frozen = decider.state.freeze(true)
  const pages = new Map<number, Uint8Array>()
  for (let taken = frozen.next(), i = 0; taken !== undefined; taken = frozen.next(), i++) {
    pages.set(taken.page, taken.bytes.slice())
    play(decider, { party: (i * 13) % 60, afterMs: 0, what: 'weak' }, start + 60_000, 1_000 + i)
  }
  frozen.release()
  const text = (of: ReadonlyMap<number, Uint8Array>) =>
    [...of].map(([page, bytes]) => `${page} ${Buffer.from(bytes)}`).sort()
  assert.deepEqual(text(pages), text(expected))
})

test('pages that were not taken before the release are taken with the next snapshot', () => {
  const decider = createDecider(pack)
  for (let party = 0; party < 20; party++)
    play(decider, { party, afterMs: 0, what: 'strong' }, 1_764_000_000_000, party)
  const abandoned = decider.state.freeze(false)
  abandoned.next()
  abandoned.release()
  const pages = new Map<number, Uint8Array>()
  save(decider, false, pages)
  assert.ok(restore(pages, {}).parties >= 19)
})

test('the table is bounded: the party hit longest ago leaves first, and is counted', () => {
  const decider = createDecider(pack, { maxParties: 100 })
  for (let party = 0; party < 250; party++)
    play(decider, { party, afterMs: 0, what: 'strong' }, 1_764_000_000_000 + party, party)
  assert.equal(decider.parties, 100)
  assert.equal(decider.counters.evicted, 150)
  const held = play(decider, { party: 249, afterMs: 0, what: 'nothing' }, 1_764_000_001_000, 900)
  const gone = play(decider, { party: 3, afterMs: 0, what: 'nothing' }, 1_764_000_001_000, 901)
  assert.notEqual(held, undefined)
  assert.equal(gone, undefined)
})

test('parties whose holds are over make room without counting as evicted', () => {
  const decider = createDecider(pack, { maxParties: 100 })
  const day = 86_400_000
  for (let party = 0; party < 90; party++)
    play(decider, { party, afterMs: 0, what: 'strong' }, 1_764_000_000_000, party)
  for (let party = 100; party < 190; party++)
    play(decider, { party, afterMs: 0, what: 'strong' }, 1_764_000_000_000 + 2 * day, party)
  assert.equal(decider.counters.evicted, 0)
  assert.equal(decider.counters.expired, 90)
  assert.equal(decider.parties, 90)
})

test('a damaged page is refused as such', () => {
  const decider = createDecider(pack)
  assert.throws(
    () => decider.state.load(3, Buffer.from('{"half')),
    (error: unknown) => error instanceof RingfenceError && error.code === 'SNAPSHOT_CORRUPT',
  )
})
