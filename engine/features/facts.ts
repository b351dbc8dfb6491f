/** What the numbering plans say of a party; absent for parties that are not telephone numbers. */
export interface NumberFacts {
  /** Lies in an assigned range. */
  readonly valid: boolean
  /** 'mobile', 'fixed', 'premium', 'tollfree', … */
  readonly type: string
  /** ISO 3166 alpha-2, empty where unknown. */
  readonly country: string
  /** 'unassigned', 'wrong-length' or 'no-country' of one that is not valid. */
  readonly fault?: string
}

/** Facts about the two parties of an activity, taken by the caller from the numbering plans. */
export interface ActivityFacts {
  readonly from: NumberFacts | undefined
  readonly to: NumberFacts | undefined
  /** Leading digits that both numbers share. */
  readonly neighbourDigits: number
}

export const noFacts: ActivityFacts = { from: undefined, to: undefined, neighbourDigits: 0 }
