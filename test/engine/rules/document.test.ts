import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { checkPacks, loadPacks, RULES_BEGIN, rulesDocument } from '../../../engine/rules/index.ts'
import { defaultPack, packFolder, vocabulary } from './support.ts'

const written = readFileSync(new URL('../../../../docs/rules.md', import.meta.url), 'utf8')

test('the tables of docs/rules.md are what the default pack gives (npm run docs)', () => {
  assert.equal(written.slice(written.indexOf(RULES_BEGIN)), rulesDocument(loadPacks([defaultPack], vocabulary)))
})

test('the rule that docs/rules.md begins with, its composite and its overrides load as printed', () => {
  const blocks = [...written.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block ?? '')
  const [header, rule, composites, overrides] = blocks
  const folder = packFolder({ 'pack.yaml': `${header}${composites}`, 'rules/mine.yaml': `${rule}${overrides}` })
  assert.deepEqual(checkPacks([defaultPack, folder], vocabulary).problems, [])
})
