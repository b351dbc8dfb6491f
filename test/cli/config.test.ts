import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { configDocument, readConfig } from '../../cli/config.ts'
import { packageRoot } from '../../cli/version.ts'

describe('configuration of the whole', () => {
  it('has docs/configuration.md as the schema gives it (npm run docs)', () => {
    const written = readFileSync(join(packageRoot, 'docs', 'configuration.md'), 'utf8')
    assert.ok(written === configDocument(), 'docs/configuration.md is out of date: npm run docs')
  })

  it('needs no file', () => {
    const config = readConfig(undefined, {})
    assert.equal(config.log.kind, 'embedded')
    assert.deepEqual(config.taps, [])
  })
})
