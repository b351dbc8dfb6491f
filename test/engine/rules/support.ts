import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Activity } from '../../../engine/activity/index.ts'
import type { Subject, Vocabulary } from '../../../engine/rules/index.ts'

const all = ['1m', '10m', '1h', '24h']
const names: readonly (readonly [string, readonly string[]])[] = [
  ['calls', ['10s', ...all]],
  ['messages', ['10s', ...all]],
  ['answered', ['10m', '1h', '24h']],
  ['failed', ['10m', '1h', '24h']],
  ['answer_ratio', ['1h', '24h']],
  ['failed_4xx', ['1h']],
  ['failed_5xx', ['1h']],
  ['failed_6xx', ['1h']],
  ['invalid_targets', ['10m', '1h', '24h']],
  ['missed_calls', ['10m', '1h', '24h']],
  ['missed_ratio', ['1h', '24h']],
  ['distinct_targets', all],
  ['distinct_ratio', ['10m', '1h', '24h']],
  ['new_targets', ['1h', '24h']],
  ['new_target_ratio', ['1h', '24h']],
  ['calls_per_target', ['24h', '30d']],
  ['top_target_share', ['30d']],
  ['outgoing_share', ['24h', '30d']],
  ['reciprocity', ['30d']],
  ['reply_share', ['24h']],
  ['contacts', ['30d']],
  ['sequential', ['10m', '1h']],
  ['sequential_ratio', ['10m', '1h']],
  ['same_block_ratio', ['10m', '1h']],
  ['gap_cv', ['']],
  ['concurrent_calls', ['']],
  ['ring_time_mean', ['30d']],
  ['talk_time_mean', ['30d']],
  ['talk_time_cv', ['30d']],
  ['short_calls', ['1h', '24h']],
  ['short_call_share', ['1h', '24h', '30d']],
  ['talk_time', ['24h']],
  ['hangup_by_origin_share', ['30d']],
  ['hours_active', ['24h', '30d']],
  ['days_active', ['30d']],
  ['age_days', ['']],
  ['unassigned_targets', ['1h', '24h']],
  ['premium_targets', ['1h', '24h']],
  ['international_share', ['1h', '24h']],
  ['country_entropy', ['24h']],
  ['neighbour_share', ['1h']],
  ['agent_changes', ['24h']],
  ['sources', ['24h']],
  ['registration_failures', ['1m', '10m', '1h']],
  ['probes', ['1m', '10m', '1h']],
  ['decoy_hits', ['24h', '30d']],
  ['repeated_texts', ['10m', '1h', '24h']],
  ['repeat_ratio', ['1h']],
  ['links', ['1h', '24h']],
  ['campaign_origins', ['']],
  ['campaign_messages', ['']],
  ['complaints', ['24h', '30d']],
  ['rejections_607', ['24h', '30d']],
  ['calls_in', ['10s', ...all]],
  ['messages_in', all],
  ['distinct_origins', all],
  ['missed_in', ['1h']],
  ['otp_messages_in', ['1h']],
  ['incoming_share', ['24h']],
  ['callbacks_in', ['1h']],
  ['new_origins', ['1h']],
]

/** The names that the engine gives, so that packs are tested without it. */
export const vocabulary: Vocabulary = {
  features: names.flatMap(([name, windows]) => windows.map(window => (window === '' ? name : `${name}_${window}`))),
  textFacts: ['length', 'links', 'shortened_links', 'phone_numbers', 'amounts', 'otp', 'mixed_scripts', 'urgency'],
}

/** An activity, `call.attempt` of one stranger to another unless told otherwise. */
export function activity(fields: Partial<Activity> & Record<string, unknown> = {}): Activity {
  return {
    id: 'a1',
    role: 'origin',
    kind: 'call.attempt',
    time: 1_764_000_000_000,
    from: { party: '+33612345678' },
    to: { party: '+33187654321' },
    route: { tap: 'hep' },
    ...fields,
  } as Activity
}

/** A subject with the features and text facts that are named; all others are 0. */
export function subject(
  features: Readonly<Record<string, number>> = {},
  record: Activity = activity(),
  text: Readonly<Record<string, number>> = {},
): Subject {
  for (const name of Object.keys(features)) {
    if (!vocabulary.features.includes(name)) throw new Error(`no feature ${name}`)
  }
  return {
    activity: record,
    feature: index => features[vocabulary.features[index] ?? ''] ?? 0,
    text: index => text[vocabulary.textFacts[index] ?? ''] ?? 0,
  }
}

/** Writes a pack folder into a temporary directory: path inside it → text. */
export function packFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-pack-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
