export {
  type AssociativeTable,
  createAssociativeTable,
  ENTRY_HEADER_BYTES,
} from './associative.ts'
export { type CellCounts, cellCounts, distinctOf, hitCell, planRoll, rollCells, SURVEY, surveyCells } from './cells.ts'
export type { EventClock } from './clock.ts'
export { aim, blankCursor, type Cursor, createRecordPages, pagedOf, type RecordPages } from './pages.ts'
export { createPartyTable, PARTY_HEADER_BYTES, type PartyTable, type PartyTableOptions } from './parties.ts'
export { createPool, type Pool } from './pool.ts'
export { createSeenIds, type SeenIds } from './seen.ts'
export { keepWarm, WARM } from './warm.ts'
export {
  type WindowName,
  type WindowWeights,
  weigh,
  windowIndex,
  windowLengths,
  windowMs,
  windowNames,
  windowWeights,
} from './windows.ts'
