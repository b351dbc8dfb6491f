import type { EndedBy } from '../../engine/activity/index.ts'
import { type Call, Stage } from './calls.ts'
import type { SipMessage } from './message.ts'
import { Header } from './names.ts'
import { firstText } from './text.ts'

/** What a message means for a call: the rules of dialogs.ts that need nothing but the call and the message. */

const MAX_BRANCHES = 32

/** Has it begun on the log and not ended there? */
export function isLive(call: Call): boolean {
  return call.stage !== Stage.done && call.stage !== Stage.silent
}

export function addBranch(call: Call, branch: number): void {
  if (call.branches.length < MAX_BRANCHES && !call.branches.includes(branch)) call.branches = [...call.branches, branch]
}

/** A branch that a proxy made further down: known, and not the one nearest to the caller. */
export function isOtherBranch(call: Call, branch: number): boolean {
  return branch !== 0 && call.branches.indexOf(branch) > 0
}

/** Failures after which the same call is tried again by the caller's agent itself (RFC 3261 §8.1.3.4–5, RFC 4028 §7.4, RFC 3329). */
export function isRetried(status: number): boolean {
  switch (status) {
    case 401:
    case 407:
    case 413:
    case 415:
    case 416:
    case 420:
    case 421:
    case 422:
    case 494:
      return true
    default:
      return status >= 300 && status < 400
  }
}

/** Who ended an attempt, by the status: the caller (487), the person or device called (busy, declined, …), else the network. */
export function whoRefused(call: Call, status: number): EndedBy {
  if (call.cancelled || status === 487) return 'origin'
  switch (status) {
    case 480:
    case 486:
    case 600:
    case 603:
    case 606:
    case 607:
      return 'target'
    case 408:
      return 'timeout'
    default:
      return 'network'
  }
}

export function takeCause(call: Call, message: SipMessage): void {
  if (message.first[Header.reason] !== -1) call.cause = firstText(message, Header.reason, 128).slice(0, 128)
}
