import { defineMetrics } from './spec.ts'

const gauge = (help: string) => ({ type: 'gauge', help }) as const
const counter = (help: string) => ({ type: 'counter', help }) as const

/**
 * This process and Node.js. prom-client measures what begins with `ringfence_process_` and `ringfence_nodejs_`; its three
 * gauges `nodejs_active_*_total` are left out: a gauge must not be called `_total`, and `sum()` of the gauge by type says
 * the same.
 */
export const processMetrics = defineMetrics({
  ringfence_build_info: {
    type: 'gauge',
    help: 'Version of this process and the roles it runs',
    labels: ['version', 'roles'],
    bound: 'one a process',
    series: 1,
  },
  ringfence_tls_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When a certificate that this process presents ends',
    labels: ['certificate'],
    bound: 'taps and listeners with a certificate, from the configuration',
  },
  ringfence_process_cpu_user_seconds_total: counter('User CPU time'),
  ringfence_process_cpu_system_seconds_total: counter('System CPU time'),
  ringfence_process_cpu_seconds_total: counter('User and system CPU time'),
  ringfence_process_start_time_seconds: gauge('When the process started, since the epoch'),
  ringfence_process_resident_memory_bytes: gauge('Resident memory'),
  ringfence_process_virtual_memory_bytes: gauge('Virtual memory'),
  ringfence_process_heap_bytes: gauge('Heap of the process'),
  ringfence_process_open_fds: gauge('Open file descriptors'),
  ringfence_process_max_fds: gauge('Most file descriptors that may be open'),
  ringfence_nodejs_eventloop_lag_seconds: gauge('Event loop lag at the time of the scrape'),
  ringfence_nodejs_eventloop_lag_min_seconds: gauge('Smallest event loop delay since the last scrape'),
  ringfence_nodejs_eventloop_lag_max_seconds: gauge('Largest event loop delay since the last scrape'),
  ringfence_nodejs_eventloop_lag_mean_seconds: gauge('Mean event loop delay since the last scrape'),
  ringfence_nodejs_eventloop_lag_stddev_seconds: gauge('Standard deviation of the event loop delay'),
  ringfence_nodejs_eventloop_lag_p50_seconds: gauge('Median event loop delay'),
  ringfence_nodejs_eventloop_lag_p90_seconds: gauge('90th percentile of the event loop delay'),
  ringfence_nodejs_eventloop_lag_p99_seconds: gauge('99th percentile of the event loop delay'),
  ringfence_nodejs_active_resources: {
    type: 'gauge',
    help: 'Resources that keep the event loop alive, by kind',
    labels: ['type'],
    bound: "Node's resource types",
  },
  ringfence_nodejs_active_handles: {
    type: 'gauge',
    help: 'libuv handles, by kind',
    labels: ['type'],
    bound: "Node's handle types",
  },
  ringfence_nodejs_active_requests: {
    type: 'gauge',
    help: 'libuv requests, by kind',
    labels: ['type'],
    bound: "Node's request types",
  },
  ringfence_nodejs_heap_size_total_bytes: gauge('V8 heap'),
  ringfence_nodejs_heap_size_used_bytes: gauge('V8 heap in use'),
  ringfence_nodejs_external_memory_bytes: gauge('Memory that V8 objects hold outside the heap'),
  ringfence_nodejs_heap_space_size_total_bytes: {
    type: 'gauge',
    help: 'V8 heap, by space',
    labels: ['space'],
    bound: "V8's spaces",
  },
  ringfence_nodejs_heap_space_size_used_bytes: {
    type: 'gauge',
    help: 'V8 heap in use, by space',
    labels: ['space'],
    bound: "V8's spaces",
  },
  ringfence_nodejs_heap_space_size_available_bytes: {
    type: 'gauge',
    help: 'V8 heap free, by space',
    labels: ['space'],
    bound: "V8's spaces",
  },
  ringfence_nodejs_version_info: {
    type: 'gauge',
    help: 'Version of Node.js',
    labels: ['version', 'major', 'minor', 'patch'],
    bound: 'one a process',
  },
  ringfence_nodejs_gc_duration_seconds: {
    type: 'histogram',
    help: 'Garbage collections, by kind',
    labels: ['kind'],
    bound: "V8's kinds",
    buckets: [0.001, 0.01, 0.1, 1, 2, 5],
  },
})
