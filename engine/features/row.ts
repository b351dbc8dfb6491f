import { type Cursor, SURVEY, type WindowName, type WindowWeights, windowWeights } from '../state/index.ts'
import { type CounterName, counters } from './layout.ts'

/** One party's record at one moment: what every feature reads. Reused from activity to activity. */
export interface PartyRow {
  readonly cursor: Cursor
  /** Its extension, where it has one. */
  readonly extra: Cursor
  hasExtra: boolean
  /** The moment it is read at: event time, or the party's own latest when the event is late. */
  nowMs: number
  readonly weights: WindowWeights
  /** What the slow profile has lost since it was last touched, 0…1. */
  decay: number
  /** Surveys of the cells of targets and origins, taken when first asked for at this moment. */
  readonly targets: Uint16Array
  readonly origins: Uint16Array
  targetsKnown: boolean
  originsKnown: boolean
  /** Size of the campaign that the current message or call belongs to; 0 for none. */
  campaignOrigins: number
  campaignMessages: number
}

export function createRow(cursor: Cursor, extra: Cursor): PartyRow {
  return {
    cursor,
    extra,
    hasExtra: false,
    nowMs: 0,
    weights: windowWeights(),
    decay: 1,
    targets: new Uint16Array(SURVEY),
    origins: new Uint16Array(SURVEY),
    targetsKnown: false,
    originsKnown: false,
    campaignOrigins: 0,
    campaignMessages: 0,
  }
}

export type Reader = (row: PartyRow) => number

/** Reader of the sliding count of one counter over one window. */
export function countReader(name: CounterName, window: WindowName): Reader {
  const field = counters[name][window]
  if (field === undefined) throw new RangeError(`counter ${name} has no window ${window}`)
  const { at, stride, high, window: w } = field
  if (field.rare) {
    return row => {
      if (!row.hasExtra) return 0
      const { u16, base } = row.extra
      const i = (base >>> 1) + at
      return u16[i]! * row.weights.current[w]! + u16[i + stride]! * row.weights.previous[w]!
    }
  }
  return row => {
    const { u8 } = row.cursor
    const i = row.cursor.base + at
    let current = u8[i]!
    let previous = u8[i + stride]!
    if (row.hasExtra) {
      const h = row.extra.base + high
      current += row.extra.u8[h]! << 8
      previous += row.extra.u8[h + stride]! << 8
    }
    return current * row.weights.current[w]! + previous * row.weights.previous[w]!
  }
}

/** Reader of a 32-bit float of the profile, decayed to now. */
export function profileReader(offset: number): Reader {
  return row => row.cursor.f32[(row.cursor.base + offset) >>> 2]! * row.decay
}

/** Reader of a 32-bit float as it is. */
export function floatReader(offset: number): Reader {
  return row => row.cursor.f32[(row.cursor.base + offset) >>> 2]!
}

/** a / b, 0 where there is nothing to share, never over 1. */
export function share(a: Reader, b: Reader): Reader {
  return row => {
    const whole = b(row)
    return whole > 0 ? Math.min(1, a(row) / whole) : 0
  }
}

/** a / b, 0 where b is nothing. */
export function quotient(a: Reader, b: Reader): Reader {
  return row => {
    const below = b(row)
    return below > 0 ? a(row) / below : 0
  }
}

export function sum(a: Reader, b: Reader): Reader {
  return row => a(row) + b(row)
}
