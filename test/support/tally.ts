import { relative } from 'node:path'
import { inspect } from 'node:util'

export interface Tally {
  passed: number
  failed: number
  skipped: number
  /** Time of the outermost suites and tests of each file. */
  readonly fileMs: Map<string, number>
}

export function createTally(): Tally {
  return { passed: 0, failed: 0, skipped: 0, fileMs: new Map() }
}

interface TestData {
  readonly name: string
  readonly file?: string | undefined
  readonly nesting?: number
  readonly skip?: string | boolean | undefined
  readonly details: { readonly type?: string | undefined; readonly error?: Error; readonly duration_ms?: number }
}
export interface TestEvent {
  readonly type: string
  readonly data?: unknown
}

/** Counts one event of the runner; prints failures, skips, slow tests and what the tests themselves printed. */
export function record(tally: Tally, event: TestEvent, root: string, print: (line: string) => void): void {
  if (event.type === 'test:stderr' || event.type === 'test:stdout') {
    const text = (event.data as { message: string }).message.trimEnd()
    if (text !== '') print(`  | ${text}`)
    return
  }
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return
  const data = event.data as TestData
  if (data.file !== undefined && data.nesting === 0)
    tally.fileMs.set(data.file, (tally.fileMs.get(data.file) ?? 0) + (data.details.duration_ms ?? 0))
  const where = data.file === undefined ? '' : `${relative(root, data.file)} › `
  if (event.type === 'test:fail') {
    recordFailure(tally, data, where, print)
    return
  }
  // A suite, or a file that the runner wraps as a test, is not a test of its own.
  if (data.details.type === 'suite' || data.name === data.file) return
  if (data.skip !== undefined && data.skip !== false) {
    tally.skipped++
    print(`skipped  ${where}${data.name}: ${data.skip}`)
    return
  }
  tally.passed++
  const durationMs = data.details.duration_ms ?? 0
  if (durationMs > 2000) print(`passed   ${where}${data.name} (${(durationMs / 1000).toFixed(1)} s)`)
}

function recordFailure(tally: Tally, data: TestData, where: string, print: (line: string) => void): void {
  const code = (data.details.error as { failureType?: string } | undefined)?.failureType
  // A parent fails because a child did: the child is counted and printed already.
  if (code === 'subtestsFailed') return
  tally.failed++
  print(`FAILED   ${where}${data.name}`)
  print(inspect(data.details.error?.cause ?? data.details.error, { depth: 6 }).replace(/^/gm, '         '))
}

/** The ten files that took longest, when they took over ten seconds: where to look when a run has become too long. */
export function slowest(tally: Tally, root: string): string[] {
  return [...tally.fileMs]
    .filter(([, durationMs]) => durationMs > 10_000)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 10)
    .map(([file, durationMs]) => `${(durationMs / 1000).toFixed(0).padStart(6)} s  ${relative(root, file)}`)
}

/** The line that ends every run; tools read it. */
export function closingLine(tally: Tally): string {
  return `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`
}
