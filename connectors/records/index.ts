export { activityLines, csvRecords, recordFormats, tsvMessages } from './formats.ts'
export { createPending, type Pending } from './order.ts'
export { partyReader } from './parties.ts'
export { parseTime } from './time.ts'
