import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import {
  csvOf,
  lastPeriod,
  periodBefore,
  periodOf,
  sumOf,
  weeklyTrend,
  wilson,
  withoutOverlaps,
} from '../../../engine/report/index.ts'
import { conformanceDocument, missingTests } from '../../support/conformance/index.ts'

describe('estimates', () => {
  it('hold the share, stay within nought and one, and narrow with the sample', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), (a, b) => {
        const [successes, trials] = [Math.min(a, b), Math.max(a, b)]
        const { value, low, high } = wilson(successes, trials)
        assert.ok(0 <= low && high <= 1 && (trials === 0 || (low <= value && value <= high)))
        const more = wilson(successes * 4, trials * 4)
        if (trials > 0) assert.ok(more.high - more.low <= high - low)
      }),
    )
  })

  it("agree with the textbook: Wilson's interval of 9 in 10 is .596 to .982", () => {
    const { low, high } = wilson(9, 10)
    assert.ok(Math.abs(low - 0.5958) < 5e-4 && Math.abs(high - 0.9821) < 5e-4, `${low} ${high}`)
  })

  it('of a population that was looked at whole is exact', () => {
    assert.deepEqual(wilson(3, 10, 10), { value: 0.3, low: 0.3, high: 0.3 })
  })

  it('cover what they estimate in about 95 of 100 samples', () => {
    let state = 1
    const random = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return ((state >>> 8) & 0xffffff) / 0x1000000
    }
    const draw = (n: number, p: number) => Array.from({ length: n }, () => random() < p).filter(Boolean).length
    let held = 0
    const strata = [
      { items: 9000, p: 0.01 },
      { items: 700, p: 0.9 },
      { items: 300, p: 0.99 },
    ]
    const truth = strata.reduce((sum, { items, p }) => sum + items * p, 0)
    for (let i = 0; i < 600; i++) {
      const { low, high } = sumOf(strata.map(({ items, p }) => ({ items, share: wilson(draw(300, p), 300) })))
      if (low <= truth && truth <= high) held++
    }
    assert.ok(held / 600 > 0.92 && held / 600 < 0.99, `${held} of 600`)
  })

  it('see a trend, and none in a week too short', () => {
    const trend = weeklyTrend([1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7])
    assert.ok(trend !== undefined && Math.abs(trend.value - 0.7) < 1e-9)
    assert.equal(weeklyTrend([1, 2, 3]), undefined)
  })
})

describe('periods', () => {
  it('begin at midnight of the time zone, through changes of the clock', () => {
    const period = periodOf('2026-03-28', '2026-03-31', 'Europe/Paris')
    assert.equal(new Date(period.fromMs).toISOString(), '2026-03-27T23:00:00.000Z')
    assert.equal(new Date(period.toMs).toISOString(), '2026-03-30T22:00:00.000Z')
    assert.deepEqual(periodBefore(period).days, ['2026-03-25', '2026-03-26', '2026-03-27'])
  })

  it('are the last whole month, week or day of a time zone', () => {
    // 00:30 on Sunday 1 March in Paris, still February in UTC.
    const now = Date.parse('2026-02-28T23:30:00Z')
    const span = (name: 'month' | 'week' | 'day') => {
      const { from, to } = lastPeriod(name, 'Europe/Paris', now)
      return `${from} ${to}`
    }
    assert.equal(span('month'), '2026-02-01 2026-03-01')
    assert.equal(span('week'), '2026-02-16 2026-02-23')
    assert.equal(span('day'), '2026-02-28 2026-03-01')
  })

  it('are refused when they are none', () => {
    assert.throws(() => periodOf('2026-02-30x', '2026-03-01', 'UTC'), /--from: '2026-02-30x' is not a day/)
    assert.throws(() => periodOf('2026-03-02', '2026-03-01', 'UTC'), /must be 1 to 731 days/)
  })
})

describe('files of an archive', () => {
  it('whose offsets overlap are read once, the longer one', () => {
    const name = (first: number, next: number) =>
      `verdicts/day=2026-01-01/v0000-g0-${String(first).padStart(15, '0')}-${String(next).padStart(15, '0')}.parquet`
    assert.deepEqual(withoutOverlaps([name(0, 10), name(0, 20), name(20, 30), name(25, 28)]), [
      name(0, 20),
      name(20, 30),
    ])
    assert.deepEqual(withoutOverlaps(['verdicts/day=2026-01-01/x.parquet']), ['verdicts/day=2026-01-01/x.parquet'])
  })
})

describe('CSV', () => {
  it('quotes, and gives a spreadsheet no formula', () => {
    const rows = [
      ['a,"b"', 1],
      ['=cmd()', null],
      ['+3361234xxxx', 2],
    ] as const
    const text = csvOf({ name: 't', columns: { name: 'VARCHAR', n: 'BIGINT' }, rows })
    assert.equal(text, 'name,n\r\n"a,""b""",1\r\n\'=cmd(),\r\n+3361234xxxx,2\r\n')
  })
})

describe('conformance', () => {
  it('names only tests that exist', () => {
    assert.deepEqual(missingTests(), [])
  })

  it('is written down as it is', () => {
    const file = fileURLToPath(new URL('../../../../docs/conformance.md', import.meta.url))
    assert.equal(readFileSync(file, 'utf8'), conformanceDocument(), 'run `npm run docs`')
  })
})
