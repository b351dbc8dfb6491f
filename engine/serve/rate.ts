/** Token buckets by name, bounded. */
export interface RateLimiter {
  /** Takes one; 0 when it was there, else the seconds after which one will be. */
  take(name: string, perSecond: number): number
}

interface Bucket {
  tokens: number
  atMs: number
}

/** Names come from configuration or are addresses of strangers: these many, then they are forgotten and begin full. */
const MAX_BUCKETS = 10_000

/**
 * A bucket of one second's worth a name: bursts up to that are let through.
 * @param now wall clock in milliseconds
 */
export function createRateLimiter(now: () => number): RateLimiter {
  const buckets = new Map<string, Bucket>()
  return {
    take(name, perSecond) {
      const nowMs = now()
      const burst = Math.max(1, perSecond)
      let bucket = buckets.get(name)
      if (bucket === undefined) {
        if (buckets.size >= MAX_BUCKETS) buckets.clear()
        bucket = { tokens: burst, atMs: nowMs }
        buckets.set(name, bucket)
      }
      bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) / 1000) * perSecond)
      bucket.atMs = nowMs
      if (bucket.tokens >= 1) {
        bucket.tokens--
        return 0
      }
      return (1 - bucket.tokens) / perSecond
    },
  }
}
