import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { digitsRead } from '../../../engine/identity/lookahead.ts'

/** As libphonenumber's metadata has them: French mobile, Italian fixed, an area code with holes, two prefixes. */
const patterns = [
  '(?:6(?:[0-24-8]\\d|3[0-8]|9[589])|7[3-9]\\d)\\d{6}',
  '0(?:669[0-79]\\d{1,6}|831\\d{2,8})|0(?:1(?:[0159]\\d|[27][1-5]|31|4[1-4]|6[1356]|8[2-57])|2\\d\\d)\\d{3,6}',
  '2(?:04|[23]6|[48]9|50|63)[2-9]\\d{6}',
  '(?:1[2-9]?|[2-9]\\d)5{2}\\d{2,3}',
  '([457]\\d{6})$|1',
]

describe('how far a pattern looks into a number', () => {
  it('is the last digit that it wants to be one of some', () => {
    assert.equal(digitsRead(patterns[0]!), 3)
    assert.equal(digitsRead(patterns[4]!), 1)
    assert.equal(digitsRead('\\d{3}5?'), 4)
    assert.equal(digitsRead('1(?:2|34){2}'), 5)
    assert.equal(digitsRead('\\d{7,9}'), 0)
    assert.equal(digitsRead(''), 0)
  })

  it('is infinity for what it does not know', () => {
    for (const pattern of ['1+', '(?!0)\\d', 'a', '\\d{2,}', '1)']) {
      assert.equal(digitsRead(pattern), Number.POSITIVE_INFINITY, pattern)
    }
  })

  it('leaves no say to the digits behind it', () => {
    const digits = fc.stringMatching(/^\d{1,12}$/)
    for (const pattern of patterns) {
      const whole = new RegExp(`^(?:${pattern})$`)
      const start = new RegExp(`^(?:${pattern})`)
      const read = digitsRead(pattern)
      fc.assert(
        fc.property(digits, digits, (one, other) => {
          const two = one.slice(0, read) + other.padEnd(one.length, '0').slice(read, one.length)
          assert.equal(whole.test(one), whole.test(two), `${pattern}: ${one} ${two}`)
          assert.equal(start.test(one), start.test(two), `${pattern}: ${one} ${two}`)
        }),
        { numRuns: 2_000 },
      )
    }
  })
})
