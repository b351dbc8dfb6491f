import { messageOf, RingfenceError } from '../../errors/index.ts'

interface KafkaJsError {
  readonly name?: string
  /** Kafka's own name of the error. */
  readonly type?: string
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
}

/** The innermost error that kafkajs wrapped. */
export function rootOf(error: unknown): unknown {
  let root = error
  for (let depth = 0; depth < 8; depth++) {
    const { cause, errors } = (root ?? {}) as KafkaJsError
    // Several topics that could not be made: one stands for all.
    const inner = cause ?? errors?.[0]
    if (!(inner instanceof Error)) break
    root = inner
  }
  return root
}

/** Kafka's name of the error (`REBALANCE_IN_PROGRESS`…), undefined when it is not one that a broker sent. */
export function kafkaType(error: unknown): string | undefined {
  return (rootOf(error) as KafkaJsError | undefined)?.type
}

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'])
const REFUSED = /AUTHORIZATION_FAILED$/

/** The error, which says of what the broker refused us: Kafka's own words name neither topic nor group. */
export function refusedAt(what: string, error: unknown): unknown {
  const root = rootOf(error)
  if (root instanceof Error && REFUSED.test(kafkaType(root) ?? '')) root.message = `${what}: ${root.message}`
  return error
}

/** True when trying again cannot help: wrong password, no right, a certificate that does not fit. */
export function isHopeless(error: unknown): boolean {
  const root = rootOf(error) as KafkaJsError & { code?: unknown; message?: string }
  return (
    root.name === 'KafkaJSSASLAuthenticationError' ||
    REFUSED.test(root.type ?? '') ||
    /certificate|self.signed|unable to verify/i.test(root.message ?? '')
  )
}

/** What kafkajs threw as one of ours: one line that names the brokers, what went wrong, and what to look at. */
export function kafkaFailure(brokers: string, error: unknown): RingfenceError {
  if (error instanceof RingfenceError) return error
  const root = rootOf(error) as KafkaJsError
  if (root.type !== undefined && TOO_LARGE.has(root.type)) {
    return new RingfenceError('RECORD_INVALID', `Kafka ${brokers}: ${messageOf(root)}`, {
      cause: error,
      hint: 'raise max.message.bytes of the topic',
    })
  }
  return new RingfenceError('LOG_UNAVAILABLE', `Kafka ${brokers}: ${messageOf(root)}`, {
    cause: error,
    hint: hintFor(root),
  })
}

function hintFor(root: KafkaJsError): string {
  if (root.type === 'INVALID_TIMESTAMP') return 'do the clocks of this machine and the brokers agree?'
  if (root.name === 'KafkaJSSASLAuthenticationError') return 'check user name, password and mechanism of log.kafka.sasl'
  if (REFUSED.test(root.type ?? '')) return 'the Kafka user needs rights on the topics and groups of Ringfence'
  if (isHopeless(root)) return 'check log.kafka.tls: authority, certificate and server name'
  return 'is the broker running, and reachable from here?'
}
