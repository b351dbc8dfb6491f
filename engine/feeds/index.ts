export type { Weigh } from './collect.ts'
export {
  createFeeds,
  type FeedCounters,
  type FeedFormat,
  type Feeds,
  type FeedsEnvironment,
  feedFormats,
} from './feeds.ts'
export { exposeFeeds } from './metrics.ts'
export { type FeedsOptions, feedsDefaults, feedsSchema } from './schema.ts'
