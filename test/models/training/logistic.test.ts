import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fitLogistic, type Sparse, sigmoid } from '../../../models/training/index.ts'

/** A dense table of numbers as the sparse rows that the regression takes. */
function sparse(rows: readonly (readonly number[])[]): Sparse {
  const starts = [0]
  const columns: number[] = []
  const values: number[] = []
  for (const row of rows) {
    for (const [column, value] of row.entries()) {
      if (value === 0) continue
      columns.push(column)
      values.push(value)
    }
    starts.push(columns.length)
  }
  return { starts: Int32Array.from(starts), columns: Int32Array.from(columns), values: Float32Array.from(values) }
}

test('at the weights found the loss of the regression has next to no gradient', () => {
  const value = fc.constantFrom(-1, -0.5, 0, 0, 0.5, 1)
  const row = fc.tuple(fc.tuple(value, value, value), fc.integer({ min: 0, max: 1 }))
  fc.assert(
    fc.property(fc.array(row, { minLength: 4, maxLength: 30 }), drawn => {
      const rows = drawn.map(([numbers]) => numbers)
      const labels = drawn.map(([, label]) => label)
      const weights = fitLogistic(sparse(rows), labels, { columns: 3, lossWeight: 2 })
      const gradient = Array.from(weights)
      for (const [i, numbers] of rows.entries()) {
        const inputs = [...numbers, 1]
        const residual = sigmoid(inputs.reduce((sum, x, k) => sum + x * weights[k]!, 0)) - labels[i]!
        for (const [k, x] of inputs.entries()) gradient[k]! += 2 * residual * x
      }
      for (const g of gradient) assert.ok(Math.abs(g) < 0.15 * rows.length ** 0.5, `gradient ${gradient}`)
    }),
  )
})

test('one word in spam alone gets weight, one in both gets next to none', () => {
  const rows = Array.from({ length: 40 }, (_, i) => [1, i % 2])
  const weights = fitLogistic(
    sparse(rows),
    rows.map(([, spam]) => spam!),
    { columns: 2, lossWeight: 10 },
  )
  assert.ok(weights[1]! > 3 && Math.abs(weights[0]!) < weights[1]!)
})
