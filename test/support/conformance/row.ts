/** How far a clause is met; `docs/conformance.md` says what each word means. */
export type Standing = 'shown' | 'in part' | 'by analogy' | 'not applicable'

/** A clause, what it asks, what answers it, and the test that shows it. */
export interface Row {
  readonly clause: string
  readonly says: string
  readonly capability: string
  readonly standing: Standing
  /** File under test/ and the beginning or a part of a test's name. */
  readonly test?: readonly [file: string, name: string]
}

/** A row written in one line; without a test where `file` and `name` are left out. */
export const row = (
  clause: string,
  says: string,
  capability: string,
  standing: Standing,
  file?: string,
  name?: string,
): Row => ({ clause, says, capability, standing, ...(file && name ? { test: [file, name] as const } : {}) })
