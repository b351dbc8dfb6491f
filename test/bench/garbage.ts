import { PerformanceObserver, performance } from 'node:perf_hooks'

/** Milliseconds of a full collection; 0 where node runs without --expose-gc. */
export function collect(): number {
  if (globalThis.gc === undefined) return 0
  globalThis.gc()
  const before = performance.now()
  globalThis.gc()
  return Math.round((performance.now() - before) * 10) / 10
}

/** Watches the pauses of the garbage collector from now on. */
export function watchPauses(): { longestMs(): number } {
  let longest = 0
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration)
  })
  observer.observe({ entryTypes: ['gc'] })
  return {
    longestMs() {
      observer.disconnect()
      return Math.round(longest * 10) / 10
    },
  }
}
