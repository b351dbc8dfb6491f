import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createMetrics, engineCounters, exposeScorer } from '../../../engine/observe/index.ts'
import { noScorer } from '../../../engine/scorer/index.ts'
import { driftGauge, referenceOf } from '../../../models/training/index.ts'
import { createRandom } from '../../traffic/random.ts'

const scorerWith = (rows: number) => ({
  version: 'v1',
  counts: () => ({ ...noScorer().counts(), drift: [{ model: 'text', of: 'score', psi: 0.5, rows }] as const }),
})

it('tells drift once enough rows were looked at', async () => {
  for (const [rows, told] of [
    [299, false],
    [300, true],
  ] as const) {
    const metrics = createMetrics(engineCounters(), 'test')
    exposeScorer(metrics, scorerWith(rows))
    const { text } = await metrics.page(undefined)
    assert.equal(/^ringfence_model_drift_psi\{model="text",of="score"\} 0\.5$/m.test(text), told, `${rows} rows`)
  }
})

it('takes so many rows that the population learnt from is never said to drift', () => {
  const random = createRandom(7).unit
  const reference = referenceOf('score', Float64Array.from({ length: 20_000 }, random))
  const indexOf = (rows: number) => {
    const gauge = driftGauge(reference)
    for (let i = 0; i < rows; i++) gauge.add(random())
    return gauge.psi()
  }
  const trials = (rows: number) => Array.from({ length: 1_000 }, () => indexOf(rows))
  assert.ok(trials(300).every(psi => psi < 0.25))
  assert.ok(trials(300).filter(psi => psi > 0.1).length <= 5)
  assert.ok(trials(20).filter(psi => psi > 0.25).length > 800, 'as few rows would be')
})
