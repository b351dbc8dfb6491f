import type { ExchangeHeader, Study } from './model.ts'

/** An operator's part of a merge. */
export interface Part {
  readonly folder: string
  readonly study: Study
  readonly header: ExchangeHeader | undefined
}
