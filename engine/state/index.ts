export { countCells, hitCell, rollCells } from './cells.ts'
export { type Cursor, createRecordPages, type RecordPages } from './pages.ts'
export { createPartyTable, PARTY_HEADER_BYTES, type PartyTable, type PartyTableOptions } from './parties.ts'
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
