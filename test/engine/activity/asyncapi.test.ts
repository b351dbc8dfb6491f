import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { version } from '../../../cli/version.ts'
import { asyncApiDocument, topicSpecs } from '../../../engine/activity/index.ts'

describe('the AsyncAPI document', () => {
  const document = asyncApiDocument(version)

  it('is in docs as the code gives it (npm run docs writes it)', () => {
    const written = readFileSync(new URL('../../../../docs/asyncapi.json', import.meta.url), 'utf8')
    assert.deepEqual(JSON.parse(written), document)
  })

  it('describes every topic: its address, policy, key and payload', () => {
    const channels = document.channels as Record<string, { address: string; bindings: { kafka: object } }>
    assert.deepEqual(
      Object.values(channels)
        .map(({ address }) => address)
        .sort(),
      topicSpecs.map(({ topic }) => topic).sort(),
    )
    const { messages } = document.components as { messages: Record<string, { payload?: { type: string } }> }
    for (const [name, { payload }] of Object.entries(messages)) {
      assert.ok(name === 'snapshots' || payload !== undefined, name)
    }
  })

  it('refers only to what it holds', () => {
    const json = JSON.stringify(document)
    for (const [, pointer] of json.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      let target: unknown = document
      for (const part of pointer!.split('/')) target = (target as Record<string, unknown> | undefined)?.[part]
      assert.notEqual(target, undefined, pointer)
    }
  })
})
