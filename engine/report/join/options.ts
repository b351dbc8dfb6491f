import type { Inputs } from '../inputs.ts'
import type { Overlap } from '../overlap.ts'
import type { Part } from '../part.ts'

/** Parts of several operators, and what they are joined with. */
export interface JoinOptions {
  readonly parts: readonly Part[]
  readonly overlap: Overlap
  readonly shared: boolean
  readonly inputs: Inputs
  readonly software: string
}
