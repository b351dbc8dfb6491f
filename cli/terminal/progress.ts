/** A stream to write progress to: standard error. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface Progress {
  /** Where the work is, in the unit of `total`. */
  update(done: number, detail?: string): void
  finish(): void
}

const BAR_WIDTH = 24
const REDRAW_MS = 100
const LINE_MS = 5000

/**
 * Shows how far long work is: a bar on a terminal, elsewhere a line now and then.
 * @param total what `done` will reach; 0 when it is not known
 */
export function showProgress(
  title: string,
  total: number,
  stream: ProgressStream,
  now: () => number = Date.now,
): Progress {
  const startMs = now()
  const terminal = stream.isTTY === true
  let lastMs = terminal ? -Infinity : startMs
  let drawn = false
  return {
    update(done, detail = '') {
      const nowMs = now()
      if (nowMs - lastMs < (terminal ? REDRAW_MS : LINE_MS)) return
      lastMs = nowMs
      const line = describe(title, done, total, nowMs - startMs, detail)
      drawn = true
      stream.write(terminal ? `\r\x1b[2K${line}` : `${line}\n`)
    },
    finish() {
      if (drawn && terminal) stream.write('\r\x1b[2K')
    },
  }
}

function describe(title: string, done: number, total: number, elapsedMs: number, detail: string): string {
  if (total <= 0) return `${title} ${detail}`
  const share = Math.min(1, done / total)
  const filled = Math.round(share * BAR_WIDTH)
  const left = share > 0.02 ? ` ${Math.ceil((elapsedMs / share - elapsedMs) / 1000)} s left` : ''
  return `${title} ${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${(share * 100).toFixed(0).padStart(3)} %${left} ${detail}`.trimEnd()
}
