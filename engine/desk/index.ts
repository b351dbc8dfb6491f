export { type Desk, type DeskOptions, type ListEntries, openDesk } from './desk.ts'
export { type HistoryOptions, type HistoryPage, readHistory } from './history.ts'
