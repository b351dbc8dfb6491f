export { countDrop, type TapCounters, tapCounters } from './counters.ts'
export type { LogFields, Logger } from './logger.ts'
