export { nearest } from './nearest.ts'

/** The closed list of what can go wrong, one code a cause; callers branch on codes, people read messages and hints. */
export const errorCodes = [
  'CONFIG_INVALID',
  'PACK_INVALID',
  'MODEL_INVALID',
  'INPUT_UNREADABLE',
  'INPUT_INVALID',
  'OUTPUT_FAILED',
  'RECORD_INVALID',
  'LOG_CLOSED',
  'LOG_CORRUPT',
  'LOG_UNAVAILABLE',
  'CHANGE_PENDING',
  'SNAPSHOT_CORRUPT',
  'SNAPSHOT_INCOMPATIBLE',
  'TAP_FAILED',
  'LISTEN_FAILED',
  'USAGE',
] as const

export type ErrorCode = (typeof errorCodes)[number]

interface ErrorDetails {
  /** What the reader can do about it, in one line. */
  readonly hint?: string
  readonly cause?: unknown
}

/** The one error class of the project: a code to branch on, a message that names the place, a hint that says the mend. */
export class RingfenceError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'RingfenceError'
    this.code = code
    this.hint = details.hint
  }
}

/** Anything thrown, as one printable line without a stack. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
