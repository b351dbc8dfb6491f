import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { configSchema } from '../../../cli/config.ts'
import { loadConfig } from '../../../engine/config/index.ts'
import { failureReasons, failures } from '../../../engine/passport/index.ts'

const document = readFileSync(fileURLToPath(new URL('../../../../docs/identity.md', import.meta.url)), 'utf8')

it('docs/identity.md has every reason with its SIP response and whom it speaks of', () => {
  for (const reason of failureReasons) {
    const { status, of, about } = failures[reason]
    assert.ok(document.includes(`| \`${reason}\` | ${status} | ${of} | ${about}`), reason)
  }
})

it('docs/identity.md shows configuration that is valid', () => {
  const examples = [...document.matchAll(/```yaml\n(.*?)```/gs)].map(match => match[1] ?? '')
  assert.equal(examples.length, 2)
  for (const text of examples) {
    assert.ok(parse(text))
    assert.ok(loadConfig(configSchema, { text, file: 'identity.md', environment: {} }))
  }
})
