/** Requests that wait for an answer, by correlation id; as much of a Map as kafkajs asks for. */
export interface Inflight<T> {
  has(id: number): boolean
  get(id: number): T | undefined
  set(id: number, request: T): void
  delete(id: number): void
  clear(): void
  values(): readonly T[]
  readonly size: number
}

/**
 * A short list in place of kafkajs's Map. V8 gives a Map whose entries come and go a new table again and again, and every
 * table points to the next: one that has become old, though nobody needs it, keeps alive all that follow, with the requests
 * in them and the batches that wait for those, until a full collection.
 */
export function createInflight<T>(): Inflight<T> {
  const ids: number[] = []
  const requests: T[] = []
  return {
    get size() {
      return ids.length
    },
    has: (id: number) => ids.includes(id),
    get: (id: number) => requests[ids.indexOf(id)],
    set(id: number, request: T) {
      ids.push(id)
      requests.push(request)
    },
    delete(id: number) {
      const at = ids.indexOf(id)
      if (at < 0) return
      ids.splice(at, 1)
      requests.splice(at, 1)
    },
    clear() {
      ids.length = requests.length = 0
    },
    values: () => [...requests],
  }
}
