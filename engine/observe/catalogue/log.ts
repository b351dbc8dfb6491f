import { defineMetrics } from './spec.ts'

/** The event log as this process sees it: Kafka's connection or the embedded files. */
export const logMetrics = defineMetrics({
  ringfence_log_throttled_total: {
    type: 'counter',
    help: 'Answers in which a Kafka broker asked us to slow down because a client quota is used up',
  },
  ringfence_log_throttled_seconds_total: { type: 'counter', help: 'For how long Kafka brokers asked us to slow down' },
  ringfence_log_retries_total: {
    type: 'counter',
    help: 'Requests with records sent again, because a broker was away, changed its role or lost an answer',
  },
  ringfence_log_paused_total: {
    type: 'counter',
    help: 'Times that reading of a partition paused because the one who works on it was behind',
  },
  ringfence_log_partitions_lost_total: {
    type: 'counter',
    help: 'Partitions that the group gave to others because this process was not heard of for too long',
  },
  ringfence_log_unreadable_batches_total: {
    type: 'counter',
    help: 'Batches on Kafka that could not be unpacked, parked whole',
  },
})
