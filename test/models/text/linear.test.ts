import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fitLinear } from '../../../models/text/fit-linear.ts'
import { createLinearGrams, linearGramsOf } from '../../../models/text/linear.ts'
import { createNormalised, normalise } from '../../../models/text/normalise.ts'

const folded = createNormalised()
const grams = createLinearGrams()

function rowsOf(text: string): number[] {
  normalise(text, folded)
  linearGramsOf(folded, grams)
  return Array.from(grams.rows.subarray(0, grams.count))
}

test('look-alikes, case and hidden characters change none of the n-grams as written, digits do', () => {
  const plain = rowsOf('free prize 150ppm')
  for (const disguised of [
    'frее рrіzе 150ppm',
    'fr3e pr1z3 150ppm',
    'FREE Prize 150PPM',
    'f\u200bree pri\u200dze 150ppm',
    '𝐟𝐫𝐞𝐞 prize 𝟏𝟓𝟎ppm',
  ]) {
    assert.deepEqual(rowsOf(disguised), plain, disguised)
  }
  assert.notDeepEqual(rowsOf('free prize 250ppm'), plain)
})

test('lone letters are joined before n-grams are read, and only pairs of words reach over a space', () => {
  assert.deepEqual(rowsOf('f r e e prize 150ppm'), rowsOf('free prize 150ppm'))
  assert.deepEqual(rowsOf('f.r.e.e prize 150ppm'), rowsOf('free prize 150ppm'))
  const apart = new Set([...rowsOf('free'), ...rowsOf('prize')])
  assert.equal(rowsOf('free prize').filter(row => !apart.has(row)).length, 1)
})

test('each n-gram counts once, also after so many texts that the marks begin anew', () => {
  const once = rowsOf('win win win win')
  assert.equal(new Set(once).size, once.length)
  for (let i = 0; i < 10_000; i++) rowsOf(`a${i % 7}`)
  assert.deepEqual(rowsOf('win win win win'), once)
})

test('no text makes it fail or forget an n-gram', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
      const rows = rowsOf(text)
      assert.equal(new Set(rows).size, rows.length)
      for (let i = 0; i < rows.length; i++) assert.ok(grams.at[i]! <= text.length)
    }),
  )
})

test('the same texts give the same weights', () => {
  const texts = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? `win a prize number ${i}` : `see you at ${i} home`))
  const labels = texts.map((_, i) => (i % 2 === 0 ? 1 : 0))
  assert.deepEqual(fitLinear(texts, labels), fitLinear(texts, labels))
})
