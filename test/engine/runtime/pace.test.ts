import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createPace } from '../../../engine/runtime/pace.ts'

describe('the pace of snapshots', () => {
  it('gives one turn at a time, in the order of asking, with the pause between any two', async () => {
    const timers: { readonly delayMs: number; readonly call: () => void }[] = []
    const pace = createPace(20, (delayMs, call) => timers.push({ delayMs, call }))
    const turns: string[] = []
    for (const name of ['first', 'second', 'third']) void pace.turn().then(() => turns.push(name))
    await nextTurn()
    assert.deepEqual(turns, ['first'])
    for (const expected of [
      ['first', 'second'],
      ['first', 'second', 'third'],
    ]) {
      assert.deepEqual(
        timers.map(({ delayMs }) => delayMs),
        [20],
      )
      timers.shift()!.call()
      await nextTurn()
      assert.deepEqual(turns, expected)
    }
  })
})
