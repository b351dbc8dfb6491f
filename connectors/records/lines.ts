/** Takes one line: `bytes[start, end)` without its line end, valid only during the call; lines count from 1. */
export type LineSink = (bytes: Buffer, start: number, end: number, line: number) => void

export interface LineSplitter {
  push(chunk: Buffer): void
  /** Gives out the last line when it has no line end. */
  end(): void
}

const LF = 10
const CR = 13

/**
 * Splits a byte stream into lines ended by LF or CRLF; a byte order mark at the beginning is taken away.
 * Memory: one unfinished line. A line longer than `maxBytes` is passed over, and `tooLong` gets its number once.
 */
export function lineSplitter(onLine: LineSink, tooLong: (line: number) => void, maxBytes: number): LineSplitter {
  let line = 1
  let carry: Buffer = Buffer.alloc(0)
  let skipping = false

  function give(bytes: Buffer, start: number, end: number): void {
    const last = end > start && bytes[end - 1] === CR ? end - 1 : end
    const first = line === 1 && hasByteOrderMark(bytes, start, last) ? start + 3 : start
    if (last - first > maxBytes) tooLong(line)
    else if (last > first) onLine(bytes, first, last, line)
    line++
  }

  /** Ends the line that began in earlier chunks; returns where the next one begins. */
  function finishCarry(chunk: Buffer, lineEnd: number): void {
    if (skipping) {
      skipping = false
      line++
    } else {
      const whole = Buffer.concat([carry, chunk.subarray(0, lineEnd)])
      give(whole, 0, whole.length)
    }
    carry = Buffer.alloc(0)
  }

  function keep(rest: Buffer): void {
    if (skipping) return
    if (carry.length + rest.length > maxBytes) {
      tooLong(line)
      skipping = true
      carry = Buffer.alloc(0)
      return
    }
    carry = Buffer.concat([carry, rest])
  }

  return {
    push(chunk) {
      let start = 0
      let lineEnd = chunk.indexOf(LF)
      if (lineEnd >= 0 && (carry.length > 0 || skipping)) {
        finishCarry(chunk, lineEnd)
        start = lineEnd + 1
        lineEnd = chunk.indexOf(LF, start)
      }
      while (lineEnd >= 0) {
        give(chunk, start, lineEnd)
        start = lineEnd + 1
        lineEnd = chunk.indexOf(LF, start)
      }
      if (start < chunk.length) keep(chunk.subarray(start))
    },
    end() {
      if (!skipping && carry.length > 0) give(carry, 0, carry.length)
      carry = Buffer.alloc(0)
      skipping = false
    },
  }
}

function hasByteOrderMark(bytes: Buffer, start: number, end: number): boolean {
  return end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf
}
