import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'
import { closingLine, createTally, record, slowest } from './support/tally.ts'

/** Files that hold counts to the last one at a pace, or an idle process to its share of a core: others would disturb those. */
const ALONE = ['system/kamailio-load.test.js', 'system/kafka/idle.test.js']

/** Files that take minutes, waiting for most of them: begun first, they are not what the others end up waiting for. */
const LONG = ['system/outages/service.test.js', 'system/outages/kafka.test.js']

/** A file that takes longer hangs: it fails by name, and the others are still run. The slowest takes less than half of it. */
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
  // System tests mostly wait for their peers, each on ports of its own: one more at a time than there are cores.
  const cores = availableParallelism()
  const isAlone = (file: string) => ALONE.includes(relative(compiled, file))
  const isLong = (file: string) => LONG.includes(relative(compiled, file))
  const isSystem = (file: string) => relative(compiled, file).startsWith('system')
  for (const { group, concurrency, timeout } of [
    { group: files.filter(file => !isSystem(file)), concurrency: cores, timeout: MAX_FILE_MS },
    {
      group: files
        .filter(file => isSystem(file) && !isAlone(file))
        .sort((one, other) => Number(isLong(other)) - Number(isLong(one))),
      concurrency: cores + 1,
      timeout: MAX_SYSTEM_FILE_MS,
    },
    { group: files.filter(isAlone), concurrency: 1, timeout: MAX_SYSTEM_FILE_MS },
  ]) {
    if (group.length === 0) continue
    for await (const event of run({ files: group, concurrency, timeout })) record(tally, event, root, print)
  }
  for (const line of slowest(tally, root)) print(line)
  print(closingLine(tally))
  return tally.failed > 0 || (strict && tally.skipped > 0) || tally.passed === 0 ? 1 : 0
}

process.exitCode = await main(process.argv.slice(2))
