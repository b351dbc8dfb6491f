import type { Exposition } from '../observe/index.ts'
import type { FeedCounters } from './feeds.ts'

/** Exposes the counters of the feeds: reasons are a closed list. */
export function exposeFeeds({ expose }: Pick<Exposition, 'expose'>, counters: FeedCounters): void {
  expose('ringfence_feed_entries', () => counters.entries)
  expose('ringfence_feed_editions_total', () => counters.editions)
  expose('ringfence_feed_left_out', function* () {
    for (const [reason, count] of counters.leftOut) yield [count, reason]
  })
}
