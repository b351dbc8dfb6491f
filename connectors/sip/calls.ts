import type { Origin, Route, Target } from '../../engine/activity/index.ts'
import type { Timed } from './timers.ts'

/** Where a call stands. `pending`: challenged or redirected, waits for the next try. `silent`: followed, gives no activity. */
export const Stage = { trying: 0, ringing: 1, pending: 2, answered: 3, done: 4, silent: 5 } as const
export type Stage = (typeof Stage)[keyof typeof Stage]

/** One call as one observer sees it, from the first INVITE until it is forgotten. */
export interface Call extends Timed {
  readonly kind: 'call'
  readonly callId: string
  readonly high: number
  readonly low: number
  /** hash32 of the caller's tag, 0 for agents without tags (RFC 2543). */
  readonly tag: number
  readonly tagText: string
  chain: Call | undefined
  older: Call | undefined
  newer: Call | undefined
  queue: number
  stage: Stage
  /** CSeq of the INVITE that is being followed, and the one that makes the ids. */
  cseq: number
  idCseq: number
  /** Its INVITE carried an answer to a challenge. */
  authenticated: boolean
  /** hash32 of the topmost branch of each INVITE seen; the first is the one nearest to the caller. */
  branches: readonly number[]
  /** Tags of the dialogs that a 2xx confirmed and no BYE ended. */
  legs: readonly number[]
  /** Tags of those that a BYE ended while others went on. */
  goneLegs: readonly number[]
  from: Origin
  to: Target | undefined
  diverted: string[]
  route: Route
  source: string
  agent: string
  media: string[]
  inviteMs: number
  ringMs: number
  answerMs: number
  lastMs: number
  sessionMs: number
  /** Final status of a branch that was not the caller's, or of a pending challenge. */
  status: number
  cause: string
  cancelled: boolean
  byeMs: number
  byeByOrigin: boolean
}

const NOBODY: Origin = { party: '-' }
const NOWHERE: Route = { tap: '-' }
/** Shared by all calls that have none: an empty array of its own is 32 bytes a call. */
export const NO_TAGS: readonly number[] = Object.freeze([])
export const NO_NAMES: string[] = Object.freeze([]) as unknown as string[]

/** A finished call is kept to recognise its echoes alone: what it would be told with goes (1,100 bytes of 1,500). */
export function shed(call: Call): void {
  call.from = NOBODY
  call.to = undefined
  call.diverted = NO_NAMES
  call.media = NO_NAMES
  call.route = NOWHERE
  call.source = ''
  call.agent = ''
  call.cause = ''
  call.branches = NO_TAGS
  call.legs = NO_TAGS
  call.goneLegs = NO_TAGS
}

/** Calls by Call-ID, bounded; the ones to give up first are the finished, then the unanswered, then the longest untouched. */
export interface CallTable {
  /** First call under the Call-ID whose hash and bytes these are; others follow by `chain` (compare `callId`). */
  find(high: number, low: number, bytes: Uint8Array, start: number, end: number): Call | undefined
  add(call: Call): void
  remove(call: Call): void
  /** Puts the call at the young end of the queue of its stage. */
  touch(call: Call): void
  /** The next one to give up, undefined when there is none. */
  oldest(): Call | undefined
  /** All calls, the ones to give up first before the others. */
  list(): Call[]
  readonly size: number
}

const QUEUES = 3

/** Which queue a stage waits in: given up in this order. */
function queueOf(stage: Stage): number {
  if (stage === Stage.done || stage === Stage.silent) return 0
  return stage === Stage.answered ? 2 : 1
}

/** A chained hash table with three intrusive queues: nothing is allocated beyond the calls themselves. */
export function createCallTable(capacity: number): CallTable {
  const mask = 2 ** Math.ceil(Math.log2(Math.max(16, Math.min(capacity, 1 << 20)))) - 1
  const heads: (Call | undefined)[] = new Array(mask + 1).fill(undefined)
  const eldest: (Call | undefined)[] = new Array(QUEUES).fill(undefined)
  const youngest: (Call | undefined)[] = new Array(QUEUES).fill(undefined)
  let size = 0

  function unlink(call: Call): void {
    const { older, newer, queue } = call
    if (older === undefined) eldest[queue] = newer
    else older.newer = newer
    if (newer === undefined) youngest[queue] = older
    else newer.older = older
    call.older = undefined
    call.newer = undefined
  }
  function enqueue(call: Call, queue: number): void {
    const tail = youngest[queue]
    call.queue = queue
    call.older = tail
    call.newer = undefined
    if (tail === undefined) eldest[queue] = call
    else tail.newer = call
    youngest[queue] = call
  }
  return {
    find(high, low, bytes, start, end) {
      let call = heads[low & mask]
      while (call !== undefined) {
        if (call.high === high && call.low === low && isCallId(call.callId, bytes, start, end)) return call
        call = call.chain
      }
      return undefined
    },
    add(call) {
      const bucket = call.low & mask
      call.chain = heads[bucket]
      heads[bucket] = call
      enqueue(call, queueOf(call.stage))
      size++
    },
    remove(call) {
      const bucket = call.low & mask
      let at = heads[bucket]
      if (at === call) heads[bucket] = call.chain
      else {
        while (at !== undefined && at.chain !== call) at = at.chain
        if (at !== undefined) at.chain = call.chain
      }
      call.chain = undefined
      unlink(call)
      size--
    },
    touch(call) {
      const queue = queueOf(call.stage)
      if (queue === call.queue && call.newer === undefined) return
      unlink(call)
      enqueue(call, queue)
    },
    oldest() {
      return eldest[0] ?? eldest[1] ?? eldest[2]
    },
    list() {
      const calls: Call[] = []
      for (const head of eldest) for (let call = head; call !== undefined; call = call.newer) calls.push(call)
      return calls
    },
    get size() {
      return size
    },
  }
}

/** The hash alone could be forged: the bytes are compared. */
function isCallId(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false
  return true
}
