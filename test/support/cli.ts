import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../cli/version.ts'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export const main = join(packageRoot, 'dist', 'cli', 'main.js')
export const sample = join(packageRoot, 'test', 'data', 'sample.pcap')

/** Runs the built command line to its end. */
export async function ringfence(args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', text => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', text => (stderr += text))
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  return { code, stdout, stderr }
}
