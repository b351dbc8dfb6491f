import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Activity } from '../../../engine/activity/index.ts'
import { type CrowdOwner, createCrowds, crowdNames } from '../../../engine/features/crowds.ts'

const START = 1_764_000_000_000
const HOUR_MS = 3_600_000

function message(from: string, route: object = {}): Activity {
  return {
    id: 'm',
    role: 'origin',
    kind: 'message',
    time: START,
    from: { party: from },
    to: { party: '+33612345678' },
    route: { tap: 'hep', ...route },
  }
}

function reader(crowds: ReturnType<typeof createCrowds>) {
  return (owner: CrowdOwner, name: string): number => crowds.read(owner, crowdNames.indexOf(name))
}

describe('crowds', () => {
  it('count volume and spam by route and by block of ten thousand numbers', () => {
    const crowds = createCrowds(1)
    const read = reader(crowds)
    for (let n = 0; n < 10; n++) {
      crowds.meet(message(`+3368000${n}123`, { trunk: 'ix-1' }), START)
      if (n < 4) crowds.markSpam()
    }
    assert.equal(read('route', 'volume_1h'), 10)
    assert.equal(read('route', 'spam_share_24h'), 0.4)
    assert.equal(read('range', 'volume_1h'), 10)
    crowds.meet(message('+33680011234', { trunk: 'ix-1' }), START)
    assert.equal(read('route', 'volume_1h'), 11)
    assert.equal(read('range', 'volume_1h'), 1)
    assert.equal(read('range', 'spam_1h'), 0)
  })

  it('go by the host of an address, and by nothing for a short code', () => {
    const crowds = createCrowds(1)
    const read = reader(crowds)
    crowds.meet(message('alice@example.com'), START)
    crowds.meet(message('bob@example.com'), START)
    assert.equal(read('range', 'volume_1h'), 2)
    crowds.meet(message('38000'), START)
    assert.equal(read('range', 'volume_1h'), 0)
    assert.equal(read('route', 'volume_1h'), 3)
  })

  it('forget what their windows no longer cover', () => {
    const crowds = createCrowds(1)
    const read = reader(crowds)
    for (let n = 0; n < 5; n++) crowds.meet(message('+33680001234'), START)
    crowds.meet(message('+33680001234'), START + 3 * HOUR_MS)
    assert.equal(read('range', 'volume_1h'), 1)
    crowds.meet(message('+33680001234'), START + 100 * HOUR_MS)
    assert.equal(read('range', 'volume_24h'), 1)
  })

  it('know nothing of a record that opens nothing, or after it is left', () => {
    const crowds = createCrowds(1)
    const read = reader(crowds)
    crowds.meet(message('+33680001234'), START)
    crowds.meet({ ...message('+33680001234'), role: 'target' }, START)
    assert.equal(read('route', 'volume_1h'), 0)
    crowds.meet(message('+33680001234'), START)
    crowds.leave()
    assert.equal(read('range', 'volume_1h'), 0)
  })

  it('stay within their table however many routes and ranges come', () => {
    const crowds = createCrowds(1, 64)
    const bytes = crowds.bytes
    fc.assert(
      fc.property(fc.integer({ min: 10_000_000, max: 99_999_999 }), fc.ipV4(), (tail, peer) => {
        crowds.meet(message(`+336${tail}`, { peer }), START)
        assert.ok(reader(crowds)('route', 'volume_1h') >= 1)
      }),
      { numRuns: 1_000 },
    )
    assert.equal(crowds.bytes, bytes)
  })
})
