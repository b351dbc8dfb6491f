import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const module = new URL('../../../engine/runtime/collections.js', import.meta.url)
const RARELY = `import { collectRarely } from '${module}'\ncollectRarely()\n`

/** Objects that survive some collections and are dropped then, as those of batches do. */
const BATCHES = `
  let batch = []
  for (let i = 0; i < 3e6; i++) {
    batch.push({ i, list: [i] })
    if (batch.length === 200_000) batch = []
  }`

/** 40 MB that stay, collected. */
const STATE = `
  const state = Array.from({ length: 400_000 }, (_, i) => ({ i, list: [i] }))
  gc()
  if (state.length === 0) throw new Error()`

/** What V8 says, line by line, in a process of its own. */
async function traced(flags: readonly string[], code: string): Promise<string[]> {
  const { stdout, stderr } = await run(process.execPath, [...flags, '--input-type=module', '--eval', code])
  assert.equal(stderr, '')
  return stdout.split('\n')
}

test('V8 makes no new objects among the old ones, whatever those before them lived through', async () => {
  const decisions = async (code: string) => {
    const lines = await traced(['--trace-pretenuring', '--trace-pretenuring-statistics'], code)
    return lines.filter(line => line.includes('tenure')).length
  }
  assert.ok((await decisions(BATCHES)) > 0, 'it does so by itself')
  assert.equal(await decisions(RARELY + BATCHES), 0)
})

test('V8 lets the old objects grow to two and a half times what a full collection left', async () => {
  /** By how much, as V8 works it out after the last of them. */
  const growth = async (code: string) => {
    const lines = await traced(['--expose-gc', '--trace-gc-verbose'], code)
    const limits = lines.filter(line => line.includes('[HeapController] Limit:'))
    return /\(([\d.]+)\)$/.exec(limits.at(-1) ?? '')?.[1]
  }
  assert.notEqual(await growth(STATE), '2.5')
  assert.equal(await growth(RARELY + STATE), '2.5')
})
