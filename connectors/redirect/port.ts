import type { Static } from '@sinclair/typebox'
import type { Action, Asserted, BilingualText } from '../../engine/activity/index.ts'

/** What the redirect server asks for every new INVITE or MESSAGE: the command line connects it to the engine's decision. */
export interface RedirectQuestion {
  readonly kind: 'call' | 'message'
  readonly from: string
  readonly to?: string
  readonly asserted?: Static<typeof Asserted>
  readonly attestation?: 'A' | 'B' | 'C'
  readonly verification?: string
  readonly claimed?: string
  readonly display?: string
  readonly agent?: string
  /** Source address of the call as the proxy tells it in the configured header. */
  readonly peer?: string
}

export interface RedirectAnswer {
  readonly action: Action
  readonly score: number
  readonly category?: string
  readonly reasons: readonly { readonly symbol: string; readonly says: BilingualText }[]
}

/** Answers at once, from memory. Whatever it throws lets the call through. */
export type Ask = (question: RedirectQuestion) => RedirectAnswer
