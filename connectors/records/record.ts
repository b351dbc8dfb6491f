/** One call or message as an operator's records tell it: text fields not yet normalised, `''` for what is absent. */
export interface RecordRow {
  kind: 'call' | 'message'
  timeMs: number
  from: string
  to: string
  /** Talk time in seconds; 0 where the call was not answered. */
  durationS: number
  outcome: Outcome
  text: string
  trunk: string
  peer: string
  /** What the record says of consent to look at its content; undefined when it says nothing. */
  consent: boolean | undefined
}

/** A row to read into. */
export function emptyRow(): RecordRow {
  return {
    kind: 'message',
    timeMs: 0,
    from: '',
    to: '',
    durationS: 0,
    outcome: ANSWERED,
    text: '',
    trunk: '',
    peer: '',
    consent: undefined,
  }
}

/** How a call went: answered, or the SIP status that says why not (RFC 3398 maps Q.850 causes to them). */
export interface Outcome {
  readonly answered: boolean
  readonly status: number
  readonly endedBy: 'origin' | 'target' | 'network' | 'timeout'
  readonly cause: string
}

const failed = (status: number, endedBy: Outcome['endedBy'], cause: string): Outcome => ({
  answered: false,
  status,
  endedBy,
  cause,
})

/** Records do not say who hung up: `network` is the one that no feature counts against either side. */
export const ANSWERED: Outcome = { answered: true, status: 200, endedBy: 'network', cause: 'answered' }

const outcomes = new Map<string, Outcome>([
  ['answered', ANSWERED],
  ['answer', ANSWERED],
  ['busy', failed(486, 'target', 'busy')],
  ['noanswer', failed(480, 'timeout', 'noanswer')],
  ['cancelled', failed(487, 'origin', 'cancelled')],
  ['canceled', failed(487, 'origin', 'cancelled')],
  ['cancel', failed(487, 'origin', 'cancelled')],
  ['rejected', failed(603, 'target', 'rejected')],
  ['declined', failed(603, 'target', 'rejected')],
  ['failed', failed(500, 'network', 'failed')],
  ['congestion', failed(503, 'network', 'congestion')],
  ['chanunavail', failed(503, 'network', 'congestion')],
  ['unallocated', failed(404, 'network', 'unallocated')],
  ['unreachable', failed(480, 'network', 'unreachable')],
])

/** Valid outcomes, for the message that names them. */
export const outcomeNames =
  'answered, busy, noanswer, cancelled, rejected, failed, congestion, unallocated, unreachable'

/** Names that configuration may map a feed's own release causes to. */
export const outcomeChoices = [
  'answered',
  'busy',
  'noanswer',
  'cancelled',
  'rejected',
  'failed',
  'congestion',
  'unallocated',
  'unreachable',
] as const

/**
 * Outcome of a call by its name, in any case and with or without spaces, `-` and `_` between its words
 * (Asterisk writes `NO ANSWER`), or by its final SIP status (`486`); undefined when it is neither.
 */
export function outcomeOf(text: string): Outcome | undefined {
  const known = outcomes.get(text)
  if (known !== undefined) return known
  const name = text.toLowerCase().replace(/[\s_-]/g, '')
  const named = outcomes.get(name)
  if (named !== undefined) return named
  if (!/^[2-6]\d\d$/.test(name)) return undefined
  const status = Number(name)
  if (status < 300) return ANSWERED
  return failed(status, status === 487 ? 'origin' : status === 486 || status === 603 ? 'target' : 'network', '')
}
