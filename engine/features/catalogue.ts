import { callDaySpread } from './calls.ts'
import { BUCKETS, BUCKETS_ERROR, counted, perWindow, profiled, shared } from './define.ts'
import {
  activeHours,
  ageDays,
  concurrent,
  countryEntropy,
  daysOf,
  distinctOrigins,
  distinctSources,
  distinctTargets,
  gapCv,
  hoursOfDay,
  keptShare,
  reciprocity,
  talkCv,
  talkSeconds,
  topWeight,
} from './derived.ts'
import type { Feature } from './feature.ts'
import { at } from './layout.ts'
import { countReader, floatReader, profileReader, quotient, type Reader, share, sum } from './row.ts'

const HOURS_OF_DAY: Partial<Feature> = {
  side: 'both',
  computed: 'one bit an hour of the day, two generations of 20 days',
  errorBound: 'covers the last 20 to 40 days',
}
const DAYS: Partial<Feature> = { side: 'both', computed: 'one bit a day', errorBound: 'exact in whole days UTC' }

const acts = (window: '1h' | '10m' | '24h'): Reader =>
  sum(countReader('calls', window), countReader('messages', window))
const actsIn = (window: '1h' | '24h'): Reader => sum(countReader('callsIn', window), countReader('messagesIn', window))
const SKETCH = {
  computed:
    'multiresolution bitmap of cells that remember when they were last hit; what only the previous bucket has is weighted like a count',
  errorBound:
    'targets (128 cells): standard error 8 % up to 100, 13 % at 300, 27 % at 1,000, no more than 3,500; origins (64 cells): 10 % at 10, 15 % at 100, 29 % at 300, no more than 1,700',
} as const
const KEPT_SHARE = {
  errorBound: 'kept in 16 bits: rounding by up to 1/131,070 at each call, under .01 after 1,000 and mostly far less',
} as const
const outCalls = profileReader(at.outCalls)
const outAll = profileReader(at.outAll)
const inAll = profileReader(at.inAll)
const inCalls = profileReader(at.inCalls)
const inMessages: Reader = row => Math.max(0, inAll(row) - inCalls(row))
const outMessages: Reader = row => Math.max(0, outAll(row) - outCalls(row))

const acting: readonly Feature[] = [
  ...counted('calls', 'calls', 'calls attempted'),
  ...counted('messages', 'messages', 'messages sent'),
  ...counted('answered', 'answered', 'its calls that were answered'),
  ...counted('failed', 'failed', 'its calls that ended without an answer'),
  ...shared('answer_ratio', 'answered', 'calls', ['1h', '24h'], 'share of its calls that were answered'),
  ...counted('failed_4xx', 'failed4xx', 'its calls refused with a 4xx status'),
  ...counted('failed_5xx', 'failed5xx', 'its calls refused with a 5xx status'),
  ...counted('failed_6xx', 'failed6xx', 'its calls refused with a 6xx status'),
  ...counted('invalid_targets', 'invalidTargets', 'its calls to numbers that do not exist (404, 410, 484, 485, 604)'),
  ...counted('missed_calls', 'missedCalls', 'its calls cancelled by itself after a short ring'),
  ...shared('missed_ratio', 'missedCalls', 'calls', ['1h', '24h'], 'share of its calls cancelled after a short ring'),
  ...perWindow(
    'distinct_targets',
    ['1m', '10m', '1h', '24h'],
    'different parties it called or wrote to',
    distinctTargets,
    {
      unit: 'count',
      ...SKETCH,
    },
  ),
  ...perWindow('distinct_ratio', ['10m', '1h', '24h'], 'different targets per call and message', window =>
    share(distinctTargets(window), acts(window as '10m')),
  ),
  ...counted('new_targets', 'newTargets', 'calls and messages to parties it is not known to have contacted before'),
  ...perWindow('new_target_ratio', ['1h', '24h'], 'share of calls and messages that go to new targets', window =>
    share(countReader('newTargets', window), acts(window as '1h')),
  ),
  ...perWindow(
    'calls_per_target',
    ['24h'],
    'calls and messages per different target',
    () => quotient(acts('24h'), distinctTargets('24h')),
    { unit: 'ratio' },
  ),
  profiled(
    'calls_per_target',
    'calls and messages per different target',
    'ratio',
    quotient(outAll, distinctTargets('30d')),
  ),
  profiled(
    'top_target_share',
    'share of its calls and messages that go to one target',
    'share',
    share(topWeight, outAll),
  ),
  ...perWindow(
    'outgoing_share',
    ['24h'],
    'share of calls and messages that it originates, of all it takes part in',
    () => share(acts('24h'), sum(acts('24h'), actsIn('24h'))),
    { side: 'both' },
  ),
  profiled(
    'outgoing_share',
    'share of calls and messages that it originates, of all it takes part in',
    'share',
    share(outAll, sum(outAll, inAll)),
    { side: 'both' },
  ),
  profiled('reciprocity', 'share of the parties it contacts that ever contacted it', 'share', reciprocity, {
    side: 'both',
  }),
  ...perWindow(
    'reply_share',
    ['24h'],
    'calls and messages from parties it had contacted, per call and message of its own',
    () => share(countReader('repliesIn', '24h'), acts('24h')),
    { side: 'both' },
  ),
  profiled('calls_made', 'calls attempted', 'count', outCalls),
  profiled('messages_sent', 'messages sent', 'count', outMessages),
  profiled('received', 'calls and messages it got', 'count', inAll, { side: 'acted-upon' }),
  profiled('distinct_origins', 'different parties that called or wrote to it', 'count', distinctOrigins('30d'), {
    side: 'acted-upon',
    ...SKETCH,
  }),
  profiled('contacts', 'different parties it called or wrote to', 'count', distinctTargets('30d'), SKETCH),
  ...counted('sequential', 'sequential', 'calls to a number next to one of its last two'),
  ...shared(
    'sequential_ratio',
    'sequential',
    'calls',
    ['10m', '1h'],
    'share of calls to a number next to one of its last two',
  ),
  ...shared(
    'same_block_ratio',
    'sameBlock',
    'calls',
    ['10m', '1h'],
    'share of calls into the block of 1,000 numbers of one of its last two',
  ),
  {
    name: 'gap_cv',
    meaning: 'regularity of the gaps between its calls and messages: standard deviation over mean, 0 is clockwork',
    unit: 'ratio',
    window: undefined,
    side: 'acting',
    computed: 'exponentially weighted mean and variance of the last gaps (weight 1/8), starting from 1',
    errorBound: 'that of a window of about 15 gaps',
    read: gapCv,
  },
  {
    name: 'concurrent_calls',
    meaning: 'its calls under way',
    unit: 'count',
    window: undefined,
    side: 'acting',
    computed: 'attempts less ends and failures, by the two-hour span that the call began in; never below zero',
    errorBound: 'a call whose end was lost counts for two to four hours, then no more; so does a longer call',
    read: concurrent,
  },
  profiled('ring_time_mean', 'mean ringing time of its answered calls', 'seconds', floatReader(at.ringMean)),
  profiled('talk_time_mean', 'mean talk time of its calls', 'seconds', floatReader(at.talkMean)),
  profiled('talk_time_cv', 'standard deviation over mean of its talk time', 'ratio', talkCv),
  ...counted('short_calls', 'shortCalls', 'its answered calls shorter than 10 seconds'),
  ...shared(
    'short_call_share',
    'shortCalls',
    'talks',
    ['1h', '24h'],
    'share of its answered calls shorter than 10 seconds',
  ),
  profiled(
    'short_call_share',
    'share of its answered calls shorter than 10 seconds',
    'share',
    keptShare(at.shortTalkShare),
    KEPT_SHARE,
  ),
  {
    name: 'talk_time_24h',
    meaning: 'seconds it talked on its own calls in the last 24 hours',
    unit: 'seconds',
    window: '24h',
    side: 'acting',
    computed: BUCKETS,
    errorBound: `${BUCKETS_ERROR}; whole seconds a call; saturates at 65,535 s a day`,
    read: talkSeconds,
  },
  profiled(
    'hangup_by_origin_share',
    'share of its answered calls that it ended itself',
    'share',
    keptShare(at.hangupShare),
    KEPT_SHARE,
  ),
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
export const catalogue: readonly Feature[] = [...acting, ...actedUpon]

const places = new Map(catalogue.map((feature, index) => [feature.name, index]))

/** Place of a feature in `catalogue`; undefined when there is none of that name. */
export function featureIndex(name: string): number | undefined {
  return places.get(name)
}
