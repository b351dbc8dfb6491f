import { type FollowedReputation, followReputation } from '../../engine/reputation/index.ts'
import type { Ground } from './ground.ts'
import { instance } from './packs.ts'

/** The view of reputations that decisions are made from, with its metrics. */
export async function openReputation({ config, log, logger, metrics, opened }: Ground): Promise<FollowedReputation> {
  const { maxParties } = config.serve
  const reputation = await followReputation({ log, instance, maxParties, logger, now: Date.now })
  opened.push(reputation.close)
  metrics.expose('ringfence_reputation_parties', () => reputation.counters().parties)
  metrics.expose('ringfence_reputation_bytes', () => reputation.counters().bytes)
  metrics.expose('ringfence_reputation_refused_total', () => reputation.counters().refused)
  metrics.expose('ringfence_reputation_passed_over_total', reputation.passedOver)
  // No sample before it has caught up once: infinite is not a number of seconds.
  metrics.expose('ringfence_reputation_stale_seconds', () => reputation.staleMs() / 1000)
  return reputation
}

/** What keeps the view from being trusted, in words. */
export function reputationNotReady(reputation: FollowedReputation, maxStaleSeconds: number): readonly string[] {
  const staleS = reputation.staleMs() / 1000
  const stale = Number.isFinite(staleS) && staleS > maxStaleSeconds
  return [...reputation.notReady(), ...(stale ? [`reputation: ${Math.round(staleS)} s behind the log`] : [])]
}
