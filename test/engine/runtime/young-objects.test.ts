import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const module = new URL('../../../engine/runtime/young-objects.js', import.meta.url)

/** Objects that survive some collections and are dropped then, as those of batches do. */
const BATCHES = `
  let batch = []
  for (let i = 0; i < 3e6; i++) {
    batch.push({ i, list: [i] })
    if (batch.length === 200_000) batch = []
  }`

/** How often V8 decided, in a process of its own, about where objects of some place in the code are to be made. */
async function decisions(code: string): Promise<number> {
  const flags = ['--trace-pretenuring', '--trace-pretenuring-statistics', '--input-type=module']
  const { stdout, stderr } = await run(process.execPath, [...flags, '--eval', code])
  assert.equal(stderr, '')
  return stdout.split('\n').filter(line => line.includes('tenure')).length
}

test('V8 makes no new objects among the old ones, whatever those before them lived through', async () => {
  const young = `import { keepNewObjectsYoung } from '${module}'\nkeepNewObjectsYoung()\n`
  assert.ok((await decisions(BATCHES)) > 0, 'it does so by itself')
  assert.equal(await decisions(young + BATCHES), 0)
})
