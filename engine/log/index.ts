export { assignPartitions } from './assignment.ts'
export { type EmbeddedLog, type EmbeddedLogOptions, openEmbeddedLog } from './embedded/log.ts'
export { murmur2, partitionOf, partitionsOf } from './partitioner.ts'
export type * from './port.ts'
