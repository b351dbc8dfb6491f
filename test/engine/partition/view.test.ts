import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Activity } from '../../../engine/activity/index.ts'
import { createActivityReader } from '../../../engine/partition/view.ts'

/** An activity of each kind with every field that its schema knows, each with a value of its own. */
const whole = Activity.anyOf.map(({ properties }) => {
  const kind = properties.kind.const
  const fields = Object.keys(properties).map(name => [name, { of: kind, name }])
  return { ...Object.fromEntries(fields), kind, role: 'target' } as unknown as Activity
})

const told = (activity: Activity) =>
  Object.fromEntries(Object.entries(activity).filter(([, value]) => value !== undefined))

describe('the view of an activity', () => {
  it('has every field of every kind, and none of the record shown before', () => {
    const reader = createActivityReader()
    for (const first of whole)
      for (const second of whole) {
        assert.deepEqual(told(reader.of(first)), first)
        assert.deepEqual(told(reader.of(second)), second)
      }
  })

  it('is the one read ahead when the activity has its turn, and another out of turn', () => {
    const reader = createActivityReader()
    const views = reader.ahead(whole)
    assert.deepEqual(views.map(told), whole)
    const [first, second, third] = whole as [Activity, Activity, Activity]
    assert.equal(reader.of(first), views[0])
    assert.notEqual(reader.of(third), views[2])
    assert.equal(reader.of(second), views[1])
    assert.deepEqual(told(reader.of(third)), third)
  })
})
