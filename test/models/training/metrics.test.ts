import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  auc,
  calibrated,
  calibrationError,
  confusionAt,
  figuresOf,
  fitCalibration,
  mcc,
  recallAtFpr,
  stabilityIndex,
  wilson,
} from '../../../models/training/index.ts'

test('the area under the curve is the share of pairs in order', () => {
  const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 1 })), {
    minLength: 2,
    maxLength: 40,
  })
  fc.assert(
    fc.property(pairs, rows => {
      const scores = rows.map(([score]) => score)
      const labels = rows.map(([, label]) => label)
      let ordered = 0
      let all = 0
      for (let i = 0; i < rows.length; i++) {
        for (let j = 0; j < rows.length; j++) {
          if (labels[i] !== 1 || labels[j] !== 0) continue
          all++
          ordered += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0
        }
      }
      const area = auc(scores, labels)
      if (all === 0) assert.ok(Number.isNaN(area))
      else assert.ok(Math.abs(area - ordered / all) < 1e-9)
    }),
  )
})

test('recall at a false-positive rate lets no more ham through than allowed', () => {
  const scores = [0.9, 0.8, 0.7, 0.6, 0.5]
  const labels = [1, 0, 1, 1, 0]
  assert.equal(recallAtFpr(scores, labels, 0), 1 / 3)
  assert.equal(recallAtFpr(scores, labels, 0.5), 1)
  // Ties fall together: one ham among them spoils them all.
  assert.equal(recallAtFpr([0.9, 0.9], [1, 0], 0.1), 0)
})

test('figures know a file without spam', () => {
  const figures = figuresOf([0.1, 0.9], [0, 0], 0.5)
  assert.equal(figures.auc, null)
  assert.equal(figures.recall, null)
  assert.equal(figures.fpr, 0.5)
})

test('the correlation is one for a perfect and nought for an empty decision', () => {
  assert.equal(mcc(confusionAt([1, 0], [1, 0], 0.5)), 1)
  assert.equal(mcc(confusionAt([0, 0], [1, 0], 0.5)), 0)
})

test('calibration mends over-confidence and keeps the order', () => {
  const logits: number[] = []
  const labels: number[] = []
  for (let i = 0; i < 2000; i++) {
    const side = i % 2
    logits.push(side === 1 ? 6 : -6)
    // One in ten is wrong: a logit of 6 claims one in four hundred.
    labels.push(i % 20 < 2 ? 1 - side : side)
  }
  const fitted = fitCalibration(logits, labels)
  assert.ok(fitted.a > 0)
  assert.ok(Math.abs(calibrated(6, fitted) - 0.9) < 0.01)
  assert.ok(
    calibrationError(
      logits.map(z => calibrated(z, fitted)),
      labels,
    ) < 0.01,
  )
})

test('the stability index is nought for the same shares and large for others', () => {
  assert.equal(stabilityIndex([0.5, 0.5], [10, 10]), 0)
  assert.ok(stabilityIndex([0.5, 0.5], [1, 99]) > 0.25)
  assert.equal(stabilityIndex([0.5, 0.5], [0, 0]), 0)
})

test("Wilson's interval holds the share and stays within nought and one", () => {
  fc.assert(
    fc.property(fc.nat(500), fc.nat(500), (hits, more) => {
      const [low, high] = wilson(hits, hits + more)
      assert.ok(low >= 0 && high <= 1 && low <= high)
      if (hits + more > 0) assert.ok(low <= hits / (hits + more) + 1e-9 && high >= hits / (hits + more) - 1e-9)
    }),
  )
})
