import { acts, actsIn, inAll, outAll, outCalls, outMessages, SKETCH } from './catalogue-readers.ts'
import { BUCKETS, BUCKETS_ERROR, counted, perWindow, profiled, shared } from './define.ts'
import {
  concurrent,
  distinctOrigins,
  distinctTargets,
  gapCv,
  keptShare,
  reciprocity,
  talkCv,
  talkSeconds,
  topWeight,
} from './derived.ts'
import type { Feature } from './feature.ts'
import { at } from './layout.ts'
import { countReader, floatReader, quotient, share, sum } from './row.ts'

const KEPT_SHARE = {
  errorBound: 'kept in 16 bits: rounding by up to 1/131,070 at each call, under .01 after 1,000 and mostly far less',
} as const

/** Calls and messages that a party makes: how many, to whom, how they end, how evenly they come. */
export const acting: readonly Feature[] = [
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
]
