import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * What a serving process takes to load five million reputations from the embedded log, in a process of its own: time, the
 * most memory (resident includes pages of the log that the kernel holds and can drop), and how long the event loop was held,
 * since decisions are answered meanwhile.
 */
export async function reputationBench(): Promise<Record<string, unknown>> {
  const parties = process.env.BENCH_PARTIES ?? '5000000'
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-bench-'))
  const child = fileURLToPath(new URL('./reputation/child.js', import.meta.url))
  try {
    await run(process.execPath, [child, 'fill', folder, parties])
    const { stdout } = await run(process.execPath, [child, 'follow', folder, parties])
    const figures = Object.entries(JSON.parse(stdout) as Record<string, number>)
    return Object.fromEntries(figures.map(([name, value]) => [name, Math.round(value * 100) / 100]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
