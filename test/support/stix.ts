import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** OASIS's own library of STIX objects, which brings its grammar of patterns. */
const PACKAGE = 'stix2==3.0.2'

/** The OASIS library for STIX, or why there is none on this machine. */
export type StixLibrary =
  | { readonly check: (bundles: readonly string[]) => Promise<unknown> }
  | { readonly missing: string }

/** Every object by its type's rules, nothing custom; every pattern by the grammar. Prints what it counted. */
const PROGRAM = `
import json, sys, stix2
from stix2patterns.validator import run_validator
counted = []
for name in sys.argv[1:]:
    bundle = stix2.parse(json.load(open(name)), allow_custom=False)
    patterns = [each.pattern for each in bundle.objects if each.type == "indicator"]
    errors = [error for pattern in patterns for error in run_validator(pattern, "2.1")]
    counted.append({"objects": len(bundle.objects), "patterns": len(patterns), "errors": errors})
print(json.dumps(counted))
`

/** Fetches the library once, by pip, into ~/.cache/ringfence/stix2. */
export async function stixLibrary(): Promise<StixLibrary> {
  const folder = join(homedir(), '.cache', 'ringfence', 'stix2')
  const python = await pythonWithPip()
  if (python === undefined) return { missing: 'needs pip: apt-get install python3-pip' }
  if (!existsSync(folder)) {
    const partial = `${folder}.${process.pid}`
    mkdirSync(partial, { recursive: true })
    try {
      await run(python, ['-m', 'pip', 'install', '-q', '--target', partial, PACKAGE], { timeout: 120_000 })
      renameSync(partial, folder)
    } catch {
      rmSync(partial, { recursive: true, force: true })
      if (!existsSync(folder)) return { missing: `needs ${PACKAGE}: pip could not fetch it` }
    }
  }
  return {
    async check(bundles) {
      const env = { ...process.env, PYTHONPATH: folder }
      const { stdout } = await run(python, ['-c', PROGRAM, ...bundles], { env, timeout: 60_000 })
      return JSON.parse(stdout)
    },
  }
}

/** Debian's own python3 may come without pip beside another that has it. */
async function pythonWithPip(): Promise<string | undefined> {
  for (const python of ['python3', '/usr/bin/python3']) {
    const has = await run(python, ['-m', 'pip', '--version']).catch(() => undefined)
    if (has !== undefined) return python
  }
  return undefined
}
