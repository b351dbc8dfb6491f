import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { configDocument, configSchema, readConfig } from '../../cli/config.ts'
import { packageRoot } from '../../cli/version.ts'
import { connectors } from '../../connectors/registry.ts'
import { loadConfig } from '../../engine/config/index.ts'

describe('configuration of the whole', () => {
  it('has docs/configuration.md as the schema gives it (npm run docs)', () => {
    const written = readFileSync(join(packageRoot, 'docs', 'configuration.md'), 'utf8')
    assert.ok(written === configDocument(), 'docs/configuration.md is out of date: npm run docs')
  })

  it('has a row in the README and an example in docs/taps.md for every kind of tap, and each example is valid', () => {
    const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8')
    const readme = read('README.md')
    const examples = new Map(
      [...read('docs/taps.md').matchAll(/^## (\w+)\n\n```yaml\n([\s\S]*?)```/gm)].map(match => [match[1]!, match[2]!]),
    )
    for (const { type } of connectors) {
      assert.ok(readme.includes(`| [\`${type}\`](docs/taps.md#${type}) |`), `README row of ${type}`)
      const text = examples.get(type)
      assert.ok(text !== undefined, `example of ${type}`)
      const { taps } = loadConfig(configSchema, { text, file: `docs/taps.md#${type}` })
      assert.deepEqual(
        taps.map(tap => tap.type),
        [type],
      )
    }
  })

  it('needs no file', () => {
    const config = readConfig(undefined, {})
    assert.equal(config.log.kind, 'embedded')
    assert.deepEqual(config.taps, [])
  })
})
