import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { messageOf, RingfenceError } from '../errors/index.ts'
import type { Logger } from '../observe/index.ts'
import { type Certificate, readCertificates } from './certificate.ts'
import { type Claimed, checkTokens, type Good } from './check.ts'
import { createCredentials } from './credentials.ts'
import { createFetcher, type FetchOptions } from './fetch.ts'
import { createRevocationLists } from './lists.ts'
import { Failure, type FailureReason } from './reasons.ts'
import type { PassportOptions } from './schema.ts'
import { readIdentity, type Token } from './token.ts'

/** What came of verifying a call's Identity headers. */
export type Verification =
  /** Signed, and all holds. */
  | ({ readonly status: 'verified' } & Good)
  /** Something does not hold: the reason says what; `failures[reason].of` whether it speaks of the caller at all. */
  | { readonly status: 'failed'; readonly reason: FailureReason }
  /** No Identity header. */
  | { readonly status: 'absent' }
  /** Not found out in time, or too many under way; the work goes on and the answer is remembered. */
  | { readonly status: 'late' }

export interface VerifyRequest extends Claimed {
  /** The moment the call was made: capture time at a tap, the wall clock for a question over HTTP (ms). */
  readonly nowMs: number
  /** How long to wait at most (ms); the configured deadline by default. */
  readonly deadlineMs?: number
}

export interface Verifier {
  /** Never rejects, and never takes longer than the deadline. */
  verify(identityHeaders: readonly string[], request: VerifyRequest): Promise<Verification>
  readonly counters: VerifierCounters
  /** Resolves when the revocation lists were read for the first time. */
  readonly ready: Promise<void>
  close(): void
}

/** What a verifier counts; keys are closed lists. */
export interface VerifierCounters {
  /** By attestation A, B, C, or `none`. */
  readonly verified: Map<string, number>
  readonly failed: Map<FailureReason, number>
  late: number
  /** Answered out of memory. */
  remembered: number
  pending: number
  readonly fetches: { fetches: number; failures: number }
  /** Revocation lists in force, and how often one could not be read. */
  lists: number
  listFailures: number
}

export interface VerifierEnvironment {
  readonly logger?: Logger
  /** Wall clock: for ages of what is cached. */
  readonly now?: () => number
  readonly resolve?: FetchOptions['resolve']
  readonly ca?: FetchOptions['ca']
}

/** Answers remembered; a call is seen at several hops, and asked about by switches. */
const MEMORY = 16_384
/** More Identity headers than this on one request is an attack. */
const MAX_TOKENS = 12

/**
 * A verifier of PASSporTs (RFC 8224 §6.2, RFC 8588, RFC 8946, RFC 9475).
 * @throws RingfenceError CONFIG_INVALID for an anchor or signer that is no certificate, or a network that is no block
 */
export function createVerifier(options: PassportOptions, environment: VerifierEnvironment = {}): Verifier {
  const now = environment.now ?? Date.now
  const anchors = options.anchors.flatMap(file => readAnchors(file, 'passport.anchors'))
  const signers = [...anchors, ...options.crl.signers.flatMap(file => readAnchors(file, 'passport.crl.signers'))]
  const fetch = createFetcher({ ...options, ...options.fetch, ...environment })
  const credentials = createCredentials({ ...options.fetch, ...options, fetch, anchors, now })
  const lists = createRevocationLists({ ...options.crl, fetch, signers, logger: environment.logger })
  const memory = new Map<string, { readonly answer: Promise<Verification>; untilMs: number }>()
  const counters: VerifierCounters = {
    verified: new Map(),
    failed: new Map(),
    late: 0,
    remembered: 0,
    pending: 0,
    fetches: credentials.counts,
    get lists() {
      return lists.counts.lists
    },
    get listFailures() {
      return lists.counts.failures
    },
  }

  async function work(headers: readonly string[], request: VerifyRequest): Promise<Verification> {
    try {
      if (headers.length > MAX_TOKENS) throw new Failure('malformed', 'too many Identity headers')
      const tokens = readAll(headers)
      const good = await checkTokens(tokens, request, {
        credential: credentials.get,
        revocations: lists.revocations(),
        freshnessMs: options.freshnessSeconds * 1000,
        needsList: options.crl.required,
        nowMs: request.nowMs,
      })
      count(counters.verified, good.attestation ?? 'none')
      return { status: 'verified', ...good }
    } catch (error) {
      // Whatever a stranger's bytes made a library throw is the token's fault, not ours to die of.
      const reason = error instanceof Failure ? error.reason : 'malformed'
      if (!(error instanceof Failure)) environment.logger?.warn({ reason: messageOf(error) }, 'verification')
      count(counters.failed, reason)
      return { status: 'failed', reason }
    }
  }

  function recall(headers: readonly string[], request: VerifyRequest): Promise<Verification> | undefined {
    const key = keyOf(headers, request)
    const known = memory.get(key)
    // Remembered only about the same moment: freshness is part of the answer.
    if (known !== undefined && request.nowMs < known.untilMs) {
      counters.remembered++
      return known.answer
    }
    if (counters.pending >= options.maxPending) return undefined
    counters.pending++
    const answer = work(headers, request).finally(() => counters.pending--)
    memory.delete(key)
    memory.set(key, { answer, untilMs: request.nowMs + Math.min(options.freshnessSeconds, 10) * 1000 })
    if (memory.size > MEMORY) memory.delete(memory.keys().next().value!)
    return answer
  }

  return {
    counters,
    ready: lists.ready,
    close: lists.close,
    async verify(headers, request) {
      if (headers.length === 0) return { status: 'absent' }
      const answer = recall(headers, request)
      const result = answer === undefined ? undefined : await inTime(answer, request.deadlineMs ?? options.deadlineMs)
      if (result !== undefined) return result
      counters.late++
      return { status: 'late' }
    },
  }
}

/** Tokens that can be read; one that cannot is passed over while another can. */
function readAll(headers: readonly string[]): readonly Token[] {
  const tokens: Token[] = []
  let failure: unknown
  for (const header of headers) {
    try {
      tokens.push(readIdentity(header))
    } catch (error) {
      failure ??= error
    }
  }
  if (tokens.length === 0) throw failure
  return tokens
}

function readAnchors(file: string, option: string): readonly Certificate[] {
  try {
    return readCertificates(readFileSync(file))
  } catch (error) {
    throw new RingfenceError('CONFIG_INVALID', `${option}: ${file}: ${messageOf(error)}`, {
      hint: 'a PEM file with one or more certificates',
      cause: error,
    })
  }
}

function keyOf(headers: readonly string[], { orig, dest, body, dateMs }: VerifyRequest): string {
  const hash = createHash('sha256').update(JSON.stringify([headers, orig, dest, dateMs]))
  if (body !== undefined) hash.update(body)
  return hash.digest('base64')
}

function inTime<T>(work: Promise<T>, deadlineMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, deadlineMs, undefined)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function count<K>(map: Map<K, number>, key: K): void {
  map.set(key, (map.get(key) ?? 0) + 1)
}
