import { callDaySpread } from './calls.ts'
import { acting } from './catalogue-acting.ts'
import { acts, actsIn, inCalls, inMessages, outCalls, outMessages, SKETCH } from './catalogue-readers.ts'
import { counted, perWindow, profiled, shared } from './define.ts'
import {
  activeHours,
  ageDays,
  countryEntropy,
  daysOf,
  distinctOrigins,
  distinctSources,
  hoursOfDay,
} from './derived.ts'
import type { Feature } from './feature.ts'
import { at } from './layout.ts'
import { countReader, share, sum } from './row.ts'

const HOURS_OF_DAY: Partial<Feature> = {
  side: 'both',
  computed: 'one bit an hour of the day, two generations of 20 days',
  errorBound: 'covers the last 20 to 40 days',
}
const DAYS: Partial<Feature> = { side: 'both', computed: 'one bit a day', errorBound: 'exact in whole days UTC' }

/** What it is like beside them: its hours and days, countries, programs, texts, and what people say. */
const habits: readonly Feature[] = [
  ...perWindow('hours_active', ['24h'], 'hours in which it took part in a call or message', () => activeHours, {
    unit: 'hours',
    side: 'both',
    computed: 'one bit an hour',
    errorBound: 'exact in whole hours UTC',
  }),
  profiled(
    'hours_active',
    'hours of the day (UTC) in which it took part in a call or message',
    'hours',
    hoursOfDay(at.hoursOfDay, at.hoursOfDayBefore),
    HOURS_OF_DAY,
  ),
  profiled('days_active', 'days (UTC) on which it took part in a call or message', 'days', daysOf(at.daysMask), DAYS),
  profiled(
    'call_hours_active',
    'hours of the day (UTC) in which it made or got a call',
    'hours',
    hoursOfDay(at.callHours, at.callHoursBefore),
    HOURS_OF_DAY,
  ),
  profiled('call_days_active', 'days (UTC) on which it made or got a call', 'days', daysOf(at.callDaysMask), DAYS),
  profiled('call_day_spread', 'days (UTC) that its calls fill, were they as many on each', 'days', callDaySpread, {
    side: 'both',
    computed: 'square of the calls over the sum of the days’ squares (inverse Simpson index), both faded',
    errorBound: '0.1 %; a call that comes after its day is over counts in the sum alone; 65,535 calls a day each way',
  }),
  profiled(
    'call_outgoing_share',
    'share of its calls that it makes, of all it takes part in',
    'share',
    share(outCalls, sum(outCalls, inCalls)),
    { side: 'both' },
  ),
  profiled(
    'message_outgoing_share',
    'share of its messages that it sends, of all it takes part in',
    'share',
    share(outMessages, sum(outMessages, inMessages)),
    { side: 'both' },
  ),
  {
    name: 'age_days',
    meaning: 'time since the first activity known of it',
    unit: 'days',
    window: undefined,
    side: 'both',
    computed: 'now less the time of its first activity since it was last forgotten',
    errorBound: 'one second',
    read: ageDays,
  },
  ...counted('unassigned_targets', 'unassigned', 'calls and messages to numbers in no assigned range'),
  ...counted('premium_targets', 'premium', 'calls and messages to premium-rate numbers'),
  ...perWindow(
    'international_share',
    ['1h', '24h'],
    'share of calls and messages to another country than its own',
    window => share(countReader('international', window), acts(window as '1h')),
  ),
  {
    name: 'country_entropy_24h',
    meaning: 'spread of its calls and messages over countries: Shannon entropy',
    unit: 'bits',
    window: '24h',
    side: 'acting',
    computed: 'entropy of 8 hashed country cells, halved at midnight UTC',
    errorBound: 'two countries share a cell with probability 1/8; at most 3 bits',
    read: countryEntropy,
  },
  ...perWindow('neighbour_share', ['1h'], 'share of calls to a target whose number begins like its own', window =>
    share(countReader('neighbours', window), countReader('calls', window)),
  ),
  ...counted('agent_changes', 'agentChanges', 'changes of its user agent').map(feature => ({
    ...feature,
    errorBound: `${feature.errorBound}; one change in 255 goes unseen`,
  })),
  ...perWindow('sources', ['24h'], 'different addresses it came from', () => distinctSources, {
    unit: 'count',
    computed: 'linear counting, 16 cells, two generations',
    errorBound: 'within one up to 5 sources; saturates at 44',
  }),
  ...counted('registration_failures', 'registrationFailures', 'its failed registrations'),
  ...counted('probes', 'probes', 'its probes (OPTIONS, scanners)'),
  ...counted('decoy_hits', 'decoyHits', 'decoy lines it reached'),
  ...counted('repeated_texts', 'repeatedTexts', 'messages of which a near-duplicate went to another target before'),
  ...shared(
    'repeat_ratio',
    'repeatedTexts',
    'messages',
    ['1h'],
    'share of messages of which a near-duplicate went to another target before',
  ),
  ...counted('links', 'links', 'messages with a link'),
  {
    name: 'campaign_origins',
    meaning: 'different origins of the campaign that the current message or call belongs to, 0 for none',
    unit: 'count',
    window: undefined,
    side: 'both',
    computed: 'near-duplicate fingerprints of this partition',
    errorBound: 'linear counting of 256 cells: standard error 2 % at 40, 5 % at 400, no more than 1,600',
    read: row => row.campaignOrigins,
  },
  {
    name: 'campaign_messages',
    meaning: 'messages or calls of the campaign that the current one belongs to, 0 for none',
    unit: 'count',
    window: undefined,
    side: 'both',
    computed: 'near-duplicate fingerprints of this partition',
    errorBound: 'exact while the campaign is remembered',
    read: row => row.campaignMessages,
  },
  ...counted('complaints', 'complaints', 'complaints about it'),
  ...counted('rejections_607', 'rejections607', 'its calls rejected as unwanted (607)'),
]

const actedUpon: readonly Feature[] = [
  ...counted('calls_in', 'callsIn', 'calls it got', 'acted-upon'),
  ...counted('messages_in', 'messagesIn', 'messages it got', 'acted-upon'),
  ...perWindow(
    'distinct_origins',
    ['1m', '10m', '1h', '24h'],
    'different parties that called or wrote to it',
    distinctOrigins,
    {
      unit: 'count',
      side: 'acted-upon',
      ...SKETCH,
    },
  ),
  profiled('calls_got', 'calls it got', 'count', inCalls, { side: 'acted-upon' }),
  profiled('messages_got', 'messages it got', 'count', inMessages, { side: 'acted-upon' }),
  ...counted('missed_in', 'missedIn', 'calls it got and did not answer', 'acted-upon'),
  ...counted('otp_messages_in', 'otpIn', 'messages with a one-time password that it got', 'acted-upon'),
  ...perWindow(
    'incoming_share',
    ['24h'],
    'share of calls and messages that it receives, of all it takes part in',
    () => share(actsIn('24h'), sum(acts('24h'), actsIn('24h'))),
    { side: 'both' },
  ),
  ...counted('callbacks_in', 'callbacksIn', 'calls from parties that it had contacted', 'acted-upon'),
  ...counted(
    'new_origins',
    'newOrigins',
    'calls from parties that it is not known to have had contact with',
    'acted-upon',
  ),
]

/** Every feature, in a fixed order: rules, documentation and models take their names from here. */
export const catalogue: readonly Feature[] = [...acting, ...habits, ...actedUpon]

const places = new Map(catalogue.map((feature, index) => [feature.name, index]))

/** Place of a feature in `catalogue`; undefined when there is none of that name. */
export function featureIndex(name: string): number | undefined {
  return places.get(name)
}
