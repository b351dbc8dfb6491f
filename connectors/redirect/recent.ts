/**
 * What was answered a moment ago, so that a retransmission gets the same (RFC 3261 §17.2): the only state of the server.
 * Two generations, the older dropped every `spanMs` or when the younger is full.
 */
export interface Recent<T> {
  get(key: string): T | undefined
  set(key: string, value: T): void
  readonly size: number
}

/** Timer B, 64 × T1: as long as a client retransmits. */
const SPAN_MS = 32_000
/** Some 120 bytes each: 25 MB in both generations at most. */
const MAX_ENTRIES = 100_000

/** @param now milliseconds, from any clock that does not go back */
export function createRecent<T>(now: () => number): Recent<T> {
  let young = new Map<string, T>()
  let old = new Map<string, T>()
  let turnedMs = now()

  function turn(): void {
    const nowMs = now()
    if (young.size < MAX_ENTRIES && nowMs - turnedMs < SPAN_MS) return
    old = nowMs - turnedMs < 2 * SPAN_MS ? young : new Map()
    young = new Map()
    turnedMs = nowMs
  }

  return {
    get(key) {
      turn()
      return young.get(key) ?? old.get(key)
    },
    set(key, value) {
      turn()
      young.set(key, value)
    },
    get size() {
      return young.size + old.size
    },
  }
}
