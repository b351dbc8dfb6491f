import { pino } from 'pino'
import type { LogFields, Logger } from './logger.ts'

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Lines of one message text let through in a window before the rest is only counted. */
  readonly burst?: number
  readonly windowMs?: number
  readonly now?: () => number
  /** Where lines go; standard error unless told otherwise (standard output belongs to JSON results). */
  readonly destination?: { write(line: string): void }
}

interface Window {
  startMs: number
  passed: number
  suppressed: number
}

/** Distinct messages are few, but one that carries data by mistake must not grow this table. */
const MAX_MESSAGES = 1000

/**
 * A structured logger whose every message text is rate-limited: hostile input has flooded peers' logs with 100,000 lines
 * a second. What was suppressed is counted in the first line of the next window (`suppressed`).
 */
export function createLogger(options: LoggerOptions): Logger {
  const { burst = 10, windowMs = 10_000, now = Date.now } = options
  const destination = options.destination ?? pino.destination({ dest: 2, sync: true })
  const root = pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  const windows = new Map<string, Window>()

  function admit(message: string, fields: LogFields): LogFields | undefined {
    const nowMs = now()
    const window = windows.get(message)
    if (window === undefined || nowMs - window.startMs >= windowMs) {
      if (windows.size >= MAX_MESSAGES) windows.clear()
      windows.set(message, { startMs: nowMs, passed: 1, suppressed: 0 })
      return window !== undefined && window.suppressed > 0 ? { ...fields, suppressed: window.suppressed } : fields
    }
    if (window.passed >= burst) {
      window.suppressed++
      return undefined
    }
    window.passed++
    return fields
  }

  function wrap(target: pino.Logger): Logger {
    const write = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: LogFields, message: string) => {
      if (!target.isLevelEnabled(level)) return
      const admitted = admit(message, fields)
      if (admitted !== undefined) target[level](admitted, message)
    }
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: fields => wrap(target.child(fields)),
    }
  }
  return wrap(root)
}
