import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'
import { closingLine, createTally, record } from './support/tally.ts'

/** A file that takes longer hangs: it fails by name, and the others are still run. The slowest takes a tenth of it. */
const MAX_FILE_MS = 300_000
const MAX_SYSTEM_FILE_MS = 600_000

/**
 * Runs the test files under test/ (or those whose path contains one of the arguments), prints what fails and what is
 * skipped with what to install, and closes with `N passed, N failed, N skipped`. With CI=true a skipped test is a failure:
 * a real peer was missing where it must not be.
 */
async function main(filters: readonly string[]): Promise<number> {
  const compiled = fileURLToPath(new URL('.', import.meta.url))
  const root = join(compiled, '..', '..')
  const files = readdirSync(compiled, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.test.js') && existsSync(join(root, 'test', file.replace(/\.js$/, '.ts'))))
    .filter(file => filters.length === 0 || filters.some(filter => file.includes(filter)))
    .map(file => join(compiled, file))
    .sort()
  if (files.length === 0) {
    process.stdout.write(`no test file matches ${filters.join(' ')}\n0 passed, 1 failed, 0 skipped\n`)
    return 1
  }
  const strict = process.env.CI === 'true'
  const tally = createTally()
  const print = (line: string) => process.stdout.write(`${line}\n`)
  // Files of one folder tree run side by side; the ones under system/ share ports and peers and take turns.
  const system = files.filter(file => relative(compiled, file).startsWith('system'))
  const others = files.filter(file => !system.includes(file))
  for (const [group, concurrency, timeout] of [
    [others, availableParallelism(), MAX_FILE_MS],
    [system, 1, MAX_SYSTEM_FILE_MS],
  ] as const) {
    if (group.length === 0) continue
    for await (const event of run({ files: [...group], concurrency, timeout })) record(tally, event, root, print)
  }
  print(closingLine(tally))
  return tally.failed > 0 || (strict && tally.skipped > 0) || tally.passed === 0 ? 1 : 0
}

process.exitCode = await main(process.argv.slice(2))
