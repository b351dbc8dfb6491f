import { at } from './layout.ts'
import { countReader, profileReader, type Reader, sum } from './row.ts'

/** Readers that several features are made of. */

export const acts = (window: '1h' | '10m' | '24h'): Reader =>
  sum(countReader('calls', window), countReader('messages', window))
export const actsIn = (window: '1h' | '24h'): Reader =>
  sum(countReader('callsIn', window), countReader('messagesIn', window))
export const SKETCH = {
  computed:
    'multiresolution bitmap of cells that remember when they were last hit; what only the previous bucket has is weighted like a count',
  errorBound:
    'targets (128 cells): standard error 8 % up to 100, 13 % at 300, 27 % at 1,000, no more than 3,500; origins (64 cells): 10 % at 10, 15 % at 100, 29 % at 300, no more than 1,700',
} as const
export const outCalls = profileReader(at.outCalls)
export const outAll = profileReader(at.outAll)
export const inAll = profileReader(at.inAll)
export const inCalls = profileReader(at.inCalls)
export const inMessages: Reader = row => Math.max(0, inAll(row) - inCalls(row))
export const outMessages: Reader = row => Math.max(0, outAll(row) - outCalls(row))
