import type { DashboardSpec } from './dashboard.ts'

const increase = (metric: string, by: string, more = '') => `sum by (${by}) (increase(${metric}{@${more}}[$__range]))`

export const study: DashboardSpec = {
  name: 'study',
  title: 'Ringfence / Study',
  description:
    'Volume, types and routes of spam as ITU WTSA Resolution 52 asks for them. The signed report is made by `ringfence report`; this is its running view.',
  variables: ['route'],
  rows: {
    Volume: [
      {
        title: 'Spam in the chosen time',
        description: 'Verdicts other than allow.',
        unit: 'short',
        as: 'value',
        width: 6,
        queries: { '': 'sum(increase(ringfence_verdicts_total{@,action!="allow"}[$__range]))' },
      },
      {
        title: 'All traffic in the chosen time',
        description: 'Everything that was judged.',
        unit: 'short',
        as: 'value',
        width: 6,
        queries: { '': 'sum(increase(ringfence_verdicts_total{@}[$__range]))' },
      },
      {
        title: 'Share of spam in the chosen time',
        description: 'The one of the other.',
        unit: 'percentunit',
        as: 'value',
        width: 6,
        queries: {
          '': 'sum(increase(ringfence_verdicts_total{@,action!="allow"}[$__range])) / sum(increase(ringfence_verdicts_total{@}[$__range]))',
        },
      },
      {
        title: 'Campaigns found in the chosen time',
        description: 'Waves of near-duplicate messages.',
        unit: 'short',
        as: 'value',
        width: 6,
        queries: { '': 'sum(increase(ringfence_campaigns_total{@}[$__range]))' },
      },
      {
        title: 'Spam over time by kind of traffic',
        description: 'Calls and messages.',
        unit: 'cps',
        as: 'stacked',
        width: 24,
        queries: {
          '{{kind}}': 'sum by (kind) (rate(ringfence_verdicts_total{@,action!="allow"}[$__rate_interval]))',
        },
      },
    ],
    'Types, routes, countries': [
      {
        title: 'By class of ITU-T X.1244',
        description: 'Real-time or not; voice, text or video.',
        unit: 'short',
        as: 'bars',
        queries: { '{{class}}': increase('ringfence_spam_class_total', 'class') },
      },
      {
        title: 'By category',
        description: 'What the verdicts call it.',
        unit: 'short',
        as: 'bars',
        queries: {
          '{{category}}': increase('ringfence_verdicts_total', 'category', ',action!="allow"'),
        },
      },
      {
        title: 'By country of origin',
        description: 'Main country of the calling code; what is claimed.',
        unit: 'short',
        as: 'bars',
        queries: { '{{country}}': increase('ringfence_country_verdicts_total', 'country', ',outcome="spam"') },
      },
      {
        title: 'By route',
        description: 'Where it entered.',
        unit: 'short',
        as: 'bars',
        queries: {
          '{{route}}': increase('ringfence_route_verdicts_total', 'route', ',outcome="spam",route=~"$route"'),
        },
      },
      {
        title: 'Share of spam by route',
        description: 'Of what enters by a route, the part that is judged spam.',
        unit: 'percentunit',
        as: 'bars',
        max: 1,
        queries: {
          '{{route}}':
            'sum by (route) (increase(ringfence_route_verdicts_total{@,outcome="spam",route=~"$route"}[$__range])) / (sum by (route) (increase(ringfence_route_verdicts_total{@,route=~"$route"}[$__range])) > 0)',
        },
      },
    ],
    Archive: [
      {
        title: 'Rows archived',
        description: 'What the study is made from, by data set.',
        unit: 'cps',
        as: 'graph',
        queries: { '{{dataset}}': 'sum by (dataset) (rate(ringfence_archive_rows_total{@}[$__rate_interval]))' },
      },
      {
        title: 'Records not yet in a file',
        description: 'Read from the log and not yet archived.',
        unit: 'short',
        as: 'graph',
        queries: { waiting: 'sum(ringfence_archive_waiting_records{@})' },
      },
      {
        title: 'Failures',
        description: 'Writes tried again, and records that could not be read.',
        unit: 'cps',
        as: 'graph',
        queries: {
          'failed writes': 'sum(rate(ringfence_archive_failures_total{@}[$__rate_interval]))',
          'unreadable records': 'sum(rate(ringfence_archive_skipped_total{@}[$__rate_interval]))',
        },
      },
    ],
  },
}
