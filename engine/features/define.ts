import type { WindowName } from '../state/index.ts'
import type { Feature, Side } from './feature.ts'
import { type CounterName, counterWindows } from './layout.ts'
import { countReader, type Reader, share } from './row.ts'

/** How entries of the catalogue are made: one line a family of features. */

export const BUCKETS =
  'two aligned buckets, the previous one weighted by the share of it that the window still covers; late events go to their bucket'
export const BUCKETS_ERROR = 'exact for a steady stream; never off by more than the count of the previous bucket'
const OF_COUNTS = 'quotient of the two sliding counts'
const OF_COUNTS_ERROR = 'that of its two counts'
const PROFILE = 'weight exp(-age in days / 30) an event, stepped at midnight UTC'
const PROFILE_ERROR = 'the weight is exact to one day; 32-bit float'

const WINDOW_WORDS: Readonly<Record<WindowName, string>> = {
  '10s': 'in the last 10 seconds',
  '1m': 'in the last minute',
  '10m': 'in the last 10 minutes',
  '1h': 'in the last hour',
  '24h': 'in the last 24 hours',
  '30d': 'in the last 30 days',
}

export function counted(stem: string, counter: CounterName, meaning: string, side: Side = 'acting'): Feature[] {
  return (counterWindows[counter] as readonly WindowName[]).map(window => ({
    name: `${stem}_${window}`,
    meaning: `${meaning} ${WINDOW_WORDS[window]}`,
    unit: 'count',
    window,
    side,
    computed: BUCKETS,
    errorBound: BUCKETS_ERROR,
    read: countReader(counter, window),
  }))
}

export function perWindow(
  stem: string,
  windows: readonly WindowName[],
  meaning: string,
  reader: (window: WindowName) => Reader,
  more: Partial<Feature> = {},
): Feature[] {
  return windows.map(window => ({
    name: `${stem}_${window}`,
    meaning: `${meaning} ${WINDOW_WORDS[window]}`,
    unit: 'share',
    window,
    side: 'acting',
    computed: OF_COUNTS,
    errorBound: OF_COUNTS_ERROR,
    ...more,
    read: reader(window),
  }))
}

/** A share of two counters over the same window. */
export function shared(
  stem: string,
  part: CounterName,
  whole: CounterName,
  windows: readonly WindowName[],
  meaning: string,
) {
  return perWindow(stem, windows, meaning, window => share(countReader(part, window), countReader(whole, window)))
}

export function profiled(
  stem: string,
  meaning: string,
  unit: Feature['unit'],
  read: Reader,
  more: Partial<Feature> = {},
): Feature {
  return {
    name: `${stem}_30d`,
    meaning: `${meaning}, over about 30 days`,
    unit,
    window: '30d',
    side: 'acting',
    computed: PROFILE,
    errorBound: PROFILE_ERROR,
    ...more,
    read,
  }
}
