import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  catalogue,
  createBehaviour,
  featureIndex,
  featuresDocument,
  schemaHash,
  vectorNames,
  vectorOf,
} from '../../../engine/features/index.ts'
import { START_MS, streams } from './traffic.ts'

test('docs/features.md is what the catalogue gives (npm run docs)', () => {
  const written = readFileSync(new URL('../../../../docs/features.md', import.meta.url), 'utf8')
  assert.ok(written === featuresDocument(), 'out of date: npm run docs')
})

test('every feature has a name of its own that ends in its window, a meaning, a computation and an error bound', () => {
  assert.equal(new Set(catalogue.map(feature => feature.name)).size, catalogue.length)
  for (const [i, { name, window, meaning, computed, errorBound }] of catalogue.entries()) {
    assert.match(name, /^[a-z0-9_]+$/)
    assert.equal(/_(10s|1m|10m|1h|24h|30d)$/.exec(name)?.[1], window, name)
    for (const text of [meaning, computed, errorBound]) assert.ok(text.length > 3, name)
    assert.equal(featureIndex(name), i)
  }
  assert.equal(featureIndex('calls_7m'), undefined)
})

test('features are finite numbers, never negative, and shares never exceed one, whatever happens', () => {
  fc.assert(
    fc.property(streams(80), stream => {
      const behaviour = createBehaviour({ maxParties: 20, seenIds: 600 })
      for (const activity of stream) {
        behaviour.observe(activity)
        for (const [i, { name, unit }] of catalogue.entries()) {
          const value = behaviour.read(i)
          assert.ok(Number.isFinite(value) && value >= 0, `${name} = ${value}`)
          if (unit === 'share') assert.ok(value <= 1, `${name} = ${value}`)
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('the vector holds every feature in catalogue order, and its schema hash names it', () => {
  const behaviour = createBehaviour()
  behaviour.observe({
    id: 'a',
    role: 'origin',
    kind: 'call.attempt',
    time: START_MS,
    from: { party: '+33612345678' },
    to: { party: '+33612345679' },
    route: { tap: 't' },
  })
  const row = behaviour.look('+33612345678', START_MS + 60_000)
  assert.ok(row !== undefined)
  const vector = new Float32Array(vectorNames.length + 1)
  vectorOf(row, vector, 1)
  assert.equal(vector[0], 0)
  assert.equal(vector[1 + vectorNames.indexOf('calls_1h')], 1)
  assert.equal(vector[1 + vectorNames.indexOf('calls_10s')], 0)
  assert.match(schemaHash, /^[A-Za-z0-9_-]{20}$/)
  assert.equal(behaviour.look('+33600000000', START_MS), undefined)
})
