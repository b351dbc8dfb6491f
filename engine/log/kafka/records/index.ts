export { type Aborted, type Decoded, decodeRecords } from './decode.ts'
export { type BatchOptions, encodeBatch, type OutRecord } from './encode.ts'
