import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseTime } from '../../../connectors/records/index.ts'

describe('time of a record', () => {
  it('agrees with Date on ISO 8601 in UTC', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
        date => {
          assert.equal(parseTime(date.toISOString()), date.getTime())
          assert.equal(parseTime(date.toISOString().slice(0, 10)), Math.floor(date.getTime() / 86_400_000) * 86_400_000)
        },
      ),
    )
  })

  it('reads epoch seconds and milliseconds', () => {
    assert.equal(parseTime('1764000000'), 1_764_000_000_000)
    assert.equal(parseTime('1764000000.123'), 1_764_000_000_123)
    assert.equal(parseTime('1764000000123'), 1_764_000_000_123)
    assert.equal(parseTime('0'), 0)
  })

  it('reads offsets from UTC', () => {
    const noon = Date.UTC(2026, 2, 1, 12)
    assert.equal(parseTime('2026-03-01T13:00:00+01:00'), noon)
    assert.equal(parseTime('2026-03-01T06:30:00-0530'), noon)
    assert.equal(parseTime('2026-03-01 14:00+02'), noon)
  })

  it('reads dates with points or slashes, and parts of one digit', () => {
    assert.equal(parseTime('1970.01.08 12:23:00'), Date.UTC(1970, 0, 8, 12, 23))
    assert.equal(parseTime('2011.2.8 9:05'), Date.UTC(2011, 1, 8, 9, 5))
    assert.equal(parseTime('2011/12/31 23:59:59'), Date.UTC(2011, 11, 31, 23, 59, 59))
  })

  it('takes day 0 for the last day of the month before, as handset exports mean it', () => {
    assert.equal(parseTime('2011.3.0 09:24:23'), Date.UTC(2011, 1, 28, 9, 24, 23))
  })

  it('refuses what is no time', () => {
    const wrong = ['', 'x', 'yesterday', '2026-13-01', '2026-02-30', '2026-03-01T24:00', '2026-03-01T12:60', '12:00']
    const odd = [
      '2026-03-01X12:00',
      '2026-03.01',
      '2026-03-01T12:00:00+1:00',
      '2026-03-01T12:00:00Zz',
      '99999999999999999',
    ]
    for (const text of [...wrong, ...odd, '1969-12-31', '-5', '1970-01-00', '1e9']) {
      assert.ok(Number.isNaN(parseTime(text)), text)
    }
  })

  it('gives a whole number of milliseconds or NaN for any text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9.:TZ /+-]{0,30}$/), text => {
        const timeMs = parseTime(text)
        assert.ok(Number.isNaN(timeMs) || (Number.isInteger(timeMs) && timeMs <= 253_402_387_199_999))
      }),
    )
  })
})
