import { existsSync, readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

type Bench = () => Promise<Record<string, unknown>>

/** `npm run bench -- NAME`: runs test/bench/NAME.bench.ts and prints its figures, with the machine named, as JSON. */
async function main(name: string | undefined): Promise<number> {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const names = readdirSync(folder)
    .filter(file => file.endsWith('.bench.js'))
    .map(file => basename(file, '.bench.js'))
    .sort()
  const file = new URL(`./${name}.bench.js`, import.meta.url)
  if (name === undefined || !existsSync(file)) {
    process.stderr.write(`usage: npm run bench -- NAME   where NAME is one of ${names.join(', ')}\n`)
    return 2
  }
  const module = (await import(file.href)) as Record<string, Bench>
  const bench = Object.entries(module).find(([key]) => key.endsWith('Bench'))?.[1]
  if (bench === undefined) throw new Error(`${name}.bench.ts exports no function whose name ends in Bench`)
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version }
  process.stdout.write(`${JSON.stringify({ bench: name, machine, ...(await bench()) }, null, 2)}\n`)
  return 0
}

process.exitCode = await main(process.argv[2])
