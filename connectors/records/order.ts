/**
 * Holds back what lies in the future of the record that announced it (a call's end), and gives it out in time order.
 * A binary heap by time, then by order of arrival; when `capacity` is reached the earliest goes out before its time.
 */
export interface Pending<T> {
  readonly size: number
  /** Takes `item` due at `timeMs`. */
  hold(timeMs: number, item: T): void
  /** Gives out all that is due at or before `timeMs`. */
  release(timeMs: number): void
}

/** An empty heap of at most `capacity` items. `give` gets each item once, in time order. */
export function createPending<T>(capacity: number, give: (item: T) => void): Pending<T> {
  const times: number[] = []
  const arrivals: number[] = []
  const items: T[] = []
  let arrived = 0

  const before = (a: number, b: number) => times[a]! - times[b]! || arrivals[a]! - arrivals[b]!

  function swap(a: number, b: number): void {
    const time = times[a]!
    times[a] = times[b]!
    times[b] = time
    const arrival = arrivals[a]!
    arrivals[a] = arrivals[b]!
    arrivals[b] = arrival
    const item = items[a]!
    items[a] = items[b]!
    items[b] = item
  }

  function pop(): void {
    const first = items[0]!
    const last = items.length - 1
    swap(0, last)
    times.pop()
    arrivals.pop()
    items.pop()
    let parent = 0
    for (;;) {
      const left = 2 * parent + 1
      if (left >= last) break
      const child = left + 1 < last && before(left + 1, left) < 0 ? left + 1 : left
      if (before(child, parent) >= 0) break
      swap(child, parent)
      parent = child
    }
    give(first)
  }

  return {
    get size() {
      return items.length
    },
    hold(timeMs, item) {
      if (items.length >= capacity) pop()
      let child = items.push(item) - 1
      times.push(timeMs)
      arrivals.push(arrived++)
      while (child > 0) {
        const parent = (child - 1) >> 1
        if (before(child, parent) >= 0) break
        swap(child, parent)
        child = parent
      }
    },
    release(timeMs) {
      while (items.length > 0 && times[0]! <= timeMs) pop()
    },
  }
}
