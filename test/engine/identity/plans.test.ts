import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import examples from 'libphonenumber-js/examples.mobile.json'
import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max'
import { factsOf } from '../../../engine/identity/numbers.ts'
import { createPlanReader } from '../../../engine/identity/plans.ts'

const digits = (minLength: number, maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength, maxLength }).map(list => list.join(''))

/** Any digits behind the code of any country, and a mobile number of that country with its tail changed. */
const number = fc.constantFrom(...getCountries()).chain(country => {
  const code = getCountryCallingCode(country)
  const mobile = (examples as Record<string, string>)[country] ?? ''
  const mutated = fc
    .tuple(fc.integer({ min: 0, max: mobile.length }), digits(0, 8))
    .map(([keep, tail]) => `+${code}${mobile.slice(0, keep)}${tail}`)
  return fc.oneof(
    digits(3, 12).map(tail => `+${code}${tail}`),
    mutated,
  )
})

describe('the compiled numbering plans', () => {
  const read = createPlanReader()

  it('say what libphonenumber says of a number, or nothing', () => {
    fc.assert(
      fc.property(number, e164 => {
        const found = read(e164)
        if (found !== undefined) assert.deepEqual(found, factsOf(e164))
      }),
      { numRuns: 3_000 },
    )
  })

  it('know the mobile numbers of nearly every country themselves', () => {
    const known = getCountries().filter(country => {
      const mobile = (examples as Record<string, string>)[country]
      return mobile !== undefined && read(`+${getCountryCallingCode(country)}${mobile}`)?.country === country
    })
    assert.ok(known.length > 0.9 * getCountries().length, `${known.length} of ${getCountries().length}`)
  })

  it('leave what is in no range, in no country or behind a trunk prefix to the library', () => {
    for (const e164 of ['+999123456789', '+330612345678', '+33044556677', '+80012345678', '+1', '+'])
      assert.equal(read(e164), undefined, e164)
  })
})
