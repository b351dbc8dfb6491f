/** Parts of long messages waiting for the others. */
export interface Concatenation<T> {
  readonly size: number
  /**
   * Takes one part. `complete` is called when it was the last one missing, `incomplete` for messages given up on: their
   * parts in order, the missing ones left away.
   */
  add(
    key: string,
    part: number,
    parts: number,
    text: string,
    timeMs: number,
    first: T,
  ): 'held' | 'complete' | 'repeated'
  /** Gives up on what has waited too long by `timeMs`. */
  expire(timeMs: number): void
  /** Gives up on all. */
  flush(): void
}

export interface ConcatenationSink<T> {
  complete(first: T, text: string): void
  incomplete(first: T, text: string): void
}

interface Waiting<T> {
  readonly first: T
  readonly sinceMs: number
  readonly texts: (string | undefined)[]
  missing: number
}

/**
 * Joins the parts of long messages. Bounded three ways: messages waiting (the oldest is given up on when one too many
 * comes), characters (a part is 64 KB at most, a message 255 parts), and time.
 */
export function createConcatenation<T>(
  limits: { readonly messages: number; readonly characters: number; readonly waitMs: number },
  sink: ConcatenationSink<T>,
): Concatenation<T> {
  // Insertion order is order of the first part's arrival: the first entry is the oldest.
  const waiting = new Map<string, Waiting<T>>()
  let characters = 0

  function give(key: string, message: Waiting<T>, to: (first: T, text: string) => void): void {
    waiting.delete(key)
    const text = message.texts.join('')
    characters -= text.length
    to(message.first, text)
  }

  function giveUpOldest(): void {
    const [oldest] = waiting
    if (oldest !== undefined) give(oldest[0], oldest[1], sink.incomplete)
  }

  return {
    get size() {
      return waiting.size
    },
    add(key, part, parts, text, timeMs, first) {
      let message = waiting.get(key)
      if (message !== undefined && message.texts.length !== parts) {
        // Another message has come by the same reference.
        give(key, message, sink.incomplete)
        message = undefined
      }
      if (message?.texts[part - 1] !== undefined) {
        if (message.texts[part - 1] === text) return 'repeated'
        give(key, message, sink.incomplete)
        message = undefined
      }
      if (message === undefined) {
        while (waiting.size >= limits.messages) giveUpOldest()
        message = {
          first,
          sinceMs: timeMs,
          texts: new Array<string | undefined>(parts).fill(undefined),
          missing: parts,
        }
        waiting.set(key, message)
      }
      message.texts[part - 1] = text
      message.missing--
      characters += text.length
      if (message.missing === 0) {
        give(key, message, sink.complete)
        return 'complete'
      }
      while (characters > limits.characters) giveUpOldest()
      return 'held'
    },
    expire(timeMs) {
      for (const [key, message] of waiting) {
        if (timeMs - message.sinceMs < limits.waitMs) break
        give(key, message, sink.incomplete)
      }
    },
    flush() {
      while (waiting.size > 0) giveUpOldest()
    },
  }
}
