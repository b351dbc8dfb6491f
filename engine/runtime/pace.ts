/** Gives turns to those who share something, with a pause between any two. */
export interface Pace {
  /** Resolves when it is the caller's turn, in the order of asking. */
  turn(): Promise<void>
}

/** Makes a pace of one turn every `everyMs`; `after` calls back once after a time. */
export function createPace(
  everyMs: number,
  after: (delayMs: number, call: () => void) => unknown = (delayMs, call) => setTimeout(call, delayMs),
): Pace {
  let free = Promise.resolve()
  return {
    turn() {
      const mine = free
      free = mine.then(() => new Promise<void>(resolve => void after(everyMs, resolve)))
      return mine
    },
  }
}
