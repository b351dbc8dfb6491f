import type { Activity, Origin } from '../../engine/activity/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import type { Emit } from './emit.ts'
import type { SipMessage } from './message.ts'
import { Header } from './names.ts'
import { calledOf } from './party.ts'
import { headerText } from './text.ts'

/** What a call says of itself, for its signed identity to be held against (RFC 8224 §6.2). */
export interface PassportQuestion {
  /** Names of the caller, the most trusted first. */
  readonly orig: readonly string[]
  /** Where the call goes (Request-URI) and whom it was made to (To). */
  readonly dest: readonly string[]
  /** Capture time. */
  readonly nowMs: number
  readonly dateMs?: number
  /** Body of a MESSAGE. */
  readonly body?: Uint8Array
}

/** What verification found out; undefined: nothing, in time. */
export interface PassportAnswer {
  /** The name of `orig` that was signed with full authority; absent where nobody vouches for the number. */
  readonly vouched?: string
  readonly attestation?: 'A' | 'B' | 'C'
  readonly origid?: string
  /** Why it did not verify. */
  readonly failure?: string
}

/** Verifies Identity headers aside: never rejects, and answers within its deadline. Given to taps by who wires them. */
export type VerifyPassports = (
  headers: readonly string[],
  question: PassportQuestion,
) => Promise<PassportAnswer | undefined>

/** Holds what a call gives until its signed identity was looked at; the tap reads on meanwhile. */
export interface PassportGate {
  /** Begins to verify for the origin of a request that has an Identity header; nothing for one that has none. */
  begin(request: SipMessage, from: Origin, timeMs: number): void
  /** Hands an activity on, in order, or keeps it until its origin is known. */
  readonly emit: Emit
  /** Hands on all that waits, as it is. */
  flush(): void
}

const MAX_HEADERS = 12
const MAX_BODY = 65_536

/** A gate in front of `emit`; without a verifier it is `emit` itself. */
export function createPassportGate(identity: Identity, verify: VerifyPassports | undefined, emit: Emit): PassportGate {
  if (verify === undefined) return { begin: () => {}, emit, flush: () => {} }
  // The activities of one call share their origin: what is found out is written into it before any of them goes.
  const waiting = new Map<Origin, Activity[]>()

  function release(from: Origin): void {
    const activities = waiting.get(from)
    waiting.delete(from)
    for (const activity of activities ?? []) emit(activity)
  }

  return {
    begin(request, from, timeMs) {
      if (!request.isRequest || request.first[Header.identity] === -1) return
      waiting.set(from, [])
      verify(identityHeaders(request), passportQuestion(identity, request, from, timeMs)).then(
        answer => {
          // Once it was flushed its activities are out: they must not change any more.
          if (answer !== undefined && waiting.has(from)) learnPassport(identity, from, answer)
          release(from)
        },
        () => release(from),
      )
    },
    emit(activity) {
      const queue = waiting.size === 0 ? undefined : waiting.get(activity.from)
      if (queue === undefined) emit(activity)
      else queue.push(activity)
    },
    flush() {
      for (const from of [...waiting.keys()]) release(from)
    },
  }
}

/** The Identity headers of a request, at most a few. */
export function identityHeaders(request: SipMessage): readonly string[] {
  const headers: string[] = []
  for (let line = request.first[Header.identity]!; line !== -1; line = request.next[line]!) {
    headers.push(headerText(request, line, 16_384))
    if (headers.length > MAX_HEADERS) break
  }
  return headers
}

/** What a request says of itself. @param timeMs when it was seen */
export function passportQuestion(
  identity: Identity,
  request: SipMessage,
  from: Origin,
  timeMs: number,
): PassportQuestion {
  const { party, claimed, uri } = from
  const date = Date.parse(headerText(request, request.first[Header.date]!, 64))
  const { bytes, bodyStart, bodyEnd } = request
  return {
    orig: [party, claimed, uri].filter(name => name !== undefined),
    dest: calledOf(identity, request),
    nowMs: timeMs,
    ...(Number.isNaN(date) ? {} : { dateMs: date }),
    ...(bodyEnd > bodyStart && bodyEnd - bodyStart <= MAX_BODY
      ? // A Buffer's slice would share the tap's memory.
        { body: new Uint8Array(bytes.subarray(bodyStart, bodyEnd)) }
      : {}),
  }
}

/** Writes into an origin what verification found. Identity order is verified PASSporT, P-Asserted-Identity, From (DESIGN §4). */
export function learnPassport(identity: Identity, from: Origin, answer: PassportAnswer): void {
  if (answer.failure !== undefined) from.verification = answer.failure
  if (answer.attestation !== undefined) from.attestation = answer.attestation
  if (answer.origid !== undefined) from.origid = answer.origid
  if (answer.vouched === undefined) return
  from.asserted = 'passport'
  if (answer.vouched !== from.claimed) return
  // Signed was what From says, not what the header that was preferred to it said.
  from.party = identity.ofNumber(answer.vouched)
  delete from.claimed
}
