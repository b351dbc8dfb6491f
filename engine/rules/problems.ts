import { nearest, RingfenceError } from '../errors/index.ts'

/** One thing wrong with a pack, and where: what `ringfence check` prints and what a refused reload logs. */
export interface PackProblem {
  /** Path of the file, as given. */
  readonly file: string
  /** 1-based; 0 when the whole file is meant. */
  readonly line: number
  readonly column: number
  /** Symbol, list or section, and field: `WANGIRI.when`, `thresholds.flag`. */
  readonly field: string
  readonly message: string
  readonly hint?: string
}

/** `file:line:column: field: message (hint)`, one line. */
export function formatProblem(problem: PackProblem): string {
  const place = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : problem.file
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`
  return `${place}: ${problem.field}: ${problem.message}${hint}`
}

/** Throws PACK_INVALID with the first problem in its message and how many more there are; nothing when there are none. */
export function refuse(problems: readonly PackProblem[]): void {
  const first = problems[0]
  if (first === undefined) return
  const more = problems.length === 1 ? '' : ` … and ${problems.length - 1} more`
  throw new RingfenceError('PACK_INVALID', `${formatProblem(first)}${more}`, {
    hint: first.hint ?? 'ringfence check --packs DIR lists every problem',
    cause: problems,
  })
}

/** `did you mean "x"?`, or the whole list where it is short enough to be read, or nothing. */
export function suggestion(name: string, valid: readonly string[]): string | undefined {
  const near = nearest(name, valid)
  if (near !== undefined) return `did you mean "${near}"?`
  return valid.length > 0 && valid.length <= 12 ? `valid: ${valid.join(', ')}` : undefined
}
