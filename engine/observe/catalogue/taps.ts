import { defineMetrics } from './spec.ts'

const labels = ['tap', 'type'] as const
const bound = 'taps and their types, from the configuration'

/** What taps take in, and the queue between each and the event log. */
export const tapMetrics = defineMetrics({
  ringfence_tap_received_total: {
    type: 'counter',
    help: 'Packets, frames, PDUs or lines taken from the source',
    labels,
    bound,
  },
  ringfence_tap_bytes_total: { type: 'counter', help: 'Bytes taken from the source', labels, bound },
  ringfence_tap_decoded_total: { type: 'counter', help: 'Signals decoded', labels, bound },
  ringfence_tap_activities_total: {
    type: 'counter',
    help: 'Activities emitted, each role copy counted',
    labels,
    bound,
  },
  ringfence_tap_dropped_total: {
    type: 'counter',
    help: 'Input dropped, by reason',
    labels: ['tap', 'type', 'reason'],
    bound: 'taps from the configuration; reasons are a closed list of each connector',
    series: 500,
  },
  ringfence_tap_evicted_total: {
    type: 'counter',
    help: 'Dialogs given up because there were too many',
    labels,
    bound,
  },
  ringfence_tap_dialogs: {
    type: 'gauge',
    help: 'Dialogs and transactions followed at this moment',
    labels,
    bound,
  },
  ringfence_tap_lost_total: {
    type: 'counter',
    help: 'Activities lost because queue and spill were full',
    labels,
    bound,
  },
  ringfence_tap_queue_activities: {
    type: 'gauge',
    help: 'Activities waiting in memory for the event log',
    labels,
    bound,
  },
  ringfence_tap_spilled_activities: {
    type: 'gauge',
    help: 'Activities waiting on local disk for the event log',
    labels,
    bound,
  },
  ringfence_tap_spilled_bytes: { type: 'gauge', help: 'Bytes waiting on local disk for the event log', labels, bound },
  ringfence_tap_refused_total: {
    type: 'counter',
    help: 'Activities that the event log refused for what they are, too large for example',
    labels,
    bound,
  },
  ringfence_tap_append_failures_total: {
    type: 'counter',
    help: 'Appends to the event log that failed and were tried again',
    labels,
    bound,
  },
})
