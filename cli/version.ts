import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where package.json stands: the checkout, or the installed package. Compiled files lie in dist/cli below it. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

export const version: string = (
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
).version
