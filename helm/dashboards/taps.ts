import type { DashboardSpec } from './dashboard.ts'

const rate = (metric: string, by = 'tap') => `sum by (${by}) (rate(${metric}{@,tap=~"$tap"}[$__rate_interval]))`
const sum = (metric: string) => `sum by (tap) (${metric}{@,tap=~"$tap"})`

export const taps: DashboardSpec = {
  name: 'taps',
  title: 'Ringfence / Taps',
  description: 'What taps take in, what they make of it, what is dropped and why, and how the event log takes it.',
  variables: ['tap'],
  rows: {
    Traffic: [
      {
        title: 'Received',
        description: 'Packets, frames, PDUs or lines. A fall at once is a link or an agent.',
        unit: 'pps',
        as: 'graph',
        alert: 'RingfenceTapSilent',
        queries: { '{{tap}}': rate('ringfence_tap_received_total') },
      },
      {
        title: 'Bytes received',
        description: 'Bytes taken from the source.',
        unit: 'Bps',
        as: 'graph',
        queries: { '{{tap}}': rate('ringfence_tap_bytes_total') },
      },
      {
        title: 'Signals decoded',
        description: 'Messages understood out of what was received.',
        unit: 'cps',
        as: 'graph',
        queries: { '{{tap}}': rate('ringfence_tap_decoded_total') },
      },
      {
        title: 'Activities emitted',
        description: 'Calls, messages and registrations that signals became; every copy by role counts.',
        unit: 'cps',
        as: 'graph',
        alert: 'RingfenceEngineStalled',
        queries: { '{{tap}}': rate('ringfence_tap_activities_total') },
      },
      {
        title: 'Dropped by reason',
        description: 'Input that could not be used. docs/taps.md says what each reason means.',
        unit: 'cps',
        as: 'stacked',
        alert: 'RingfenceTapDrops',
        queries: { '{{tap}} {{reason}}': rate('ringfence_tap_dropped_total', 'tap, reason') },
      },
      {
        title: 'Dialogs followed',
        description: 'Calls and transactions in memory at this moment, and those given up because there were too many.',
        unit: 'short',
        as: 'graph',
        queries: {
          '{{tap}}': sum('ringfence_tap_dialogs'),
          '{{tap}} given up in five minutes': 'sum by (tap) (increase(ringfence_tap_evicted_total{@,tap=~"$tap"}[5m]))',
        },
      },
    ],
    'Towards the event log': [
      {
        title: 'Waiting in memory',
        description: 'Activities that the log has not taken yet.',
        unit: 'short',
        as: 'graph',
        alert: 'RingfenceLogUnavailable',
        queries: { '{{tap}}': sum('ringfence_tap_queue_activities') },
      },
      {
        title: 'Waiting on disk',
        description: 'The spill: more than zero means that the log is or was away. It runs down by itself.',
        unit: 'short',
        as: 'graph',
        alert: 'RingfenceLogUnavailable',
        queries: { '{{tap}}': sum('ringfence_tap_spilled_activities') },
      },
      {
        title: 'Lost',
        description: 'Dropped because memory and disk were full: a gap in what we know.',
        unit: 'cps',
        as: 'graph',
        alert: 'RingfenceTapLoss',
        queries: { '{{tap}}': rate('ringfence_tap_lost_total') },
      },
      {
        title: 'Failed appends',
        description: 'Appends that the log refused or did not answer; each is tried again.',
        unit: 'cps',
        as: 'graph',
        alert: 'RingfenceLogUnavailable',
        queries: { '{{tap}}': rate('ringfence_tap_append_failures_total') },
      },
      {
        title: 'Time of an append, 99th percentile',
        description: 'From a tap to the log, a batch at a time.',
        unit: 's',
        as: 'graph',
        queries: {
          p99: 'histogram_quantile(0.99, sum by (le) (rate(ringfence_stage_seconds_bucket{@,stage="append"}[$__rate_interval])))',
        },
      },
      {
        title: 'Certificates',
        description: 'Time until a certificate ends that a tap or the API presents.',
        unit: 's',
        as: 'bars',
        alert: 'RingfenceCertificateNearExpiry',
        queries: {
          '{{certificate}}': 'min by (certificate) (ringfence_tls_certificate_expiry_timestamp_seconds{@}) - time()',
        },
      },
    ],
    'Signed caller identities': [
      {
        title: 'Verified by attestation',
        description: 'PASSporTs whose signature and certificate are right.',
        unit: 'cps',
        as: 'stacked',
        queries: {
          '{{attestation}}': 'sum by (attestation) (rate(ringfence_passport_verified_total{@}[$__rate_interval]))',
        },
      },
      {
        title: 'Failed by reason',
        description: 'PASSporTs that did not verify. Many at once of one reason: a certificate of one carrier.',
        unit: 'cps',
        as: 'stacked',
        queries: { '{{reason}}': 'sum by (reason) (rate(ringfence_passport_failed_total{@}[$__rate_interval]))' },
      },
      {
        title: 'Certificate fetches',
        description: 'Certificates of other carriers fetched, and those that could not be had.',
        unit: 'cps',
        as: 'graph',
        queries: {
          fetched: 'sum(rate(ringfence_passport_fetches_total{@}[$__rate_interval]))',
          failed: 'sum(rate(ringfence_passport_fetch_failures_total{@}[$__rate_interval]))',
        },
      },
    ],
  },
}
