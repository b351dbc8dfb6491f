import { RingfenceError } from '../../engine/errors/index.ts'
import { catalogue, vectorNames } from '../../engine/features/index.ts'
import { idOf } from '../../engine/hash/index.ts'

/**
 * Features that the model looks at, of all that the catalogue has. Left out: windows under an hour (what happens to go on at
 * the moment of looking), and all that the training records cannot show (unanswered calls, rings, who hung up, countries,
 * agents, texts, complaints), since a model would take their absence there for a rule.
 */
const LEARNT = [
  /^calls_(1h|24h|30d)$/,
  /^messages_(1h|24h|30d)$/,
  /^distinct_(targets|ratio|origins)_(1h|24h|30d)$/,
  /^new_(targets|origins|target_ratio)_(1h|24h|30d)$/,
  /^calls_per_target_/,
  /^top_target_share_/,
  /^(outgoing|incoming)_share_/,
  /^reciprocity_/,
  /^reply_share_/,
  /^contacts_/,
  /^(calls_made|messages_sent|received)_30d$/,
  /^gap_cv$/,
  /^talk_time_/,
  /^short_call(s|_share)_(24h|30d)$/,
  /^hours_active_/,
  /^days_active_/,
  /^call_(hours_active|days_active|day_spread)_30d$/,
  /^(call|message)_outgoing_share_30d$/,
  /^(calls|messages)_got_30d$/,
  /^age_days$/,
  /^(calls|messages)_in_(1h|24h|30d)$/,
  /^callbacks_in_(1h|24h|30d)$/,
]

/** Names of the features that a fresh training learns from, in the catalogue's order. */
export function learntFeatures(): string[] {
  return vectorNames.filter(name => LEARNT.some(pattern => pattern.test(name)))
}

/**
 * Hash of what the named features mean: name, unit, window and computation of each. A catalogue that gains or reorders other
 * features leaves it as it is; one that computes a learnt feature in another way does not, and the model is refused.
 */
export function behaviourSchema(names: readonly string[]): string {
  return idOf(
    ...names.map(name => {
      const feature = catalogue.find(f => f.name === name)
      if (feature === undefined) return `${name}|gone`
      return `${name}|${feature.unit}|${feature.window ?? ''}|${feature.computed}`
    }),
  ).slice(0, 12)
}

/** Place of each named feature in the engine's vector. Throws MODEL_INVALID naming one that the engine does not have. */
export function placesOf(names: readonly string[], path: string): Int32Array {
  return Int32Array.from(names, name => {
    const place = vectorNames.indexOf(name)
    if (place < 0) {
      throw new RingfenceError(
        'MODEL_INVALID',
        `model file ${path} wants the feature ${name}, which this engine does not have`,
        {
          hint: 'train it again with `ringfence train behaviour`',
        },
      )
    }
    return place
  })
}
