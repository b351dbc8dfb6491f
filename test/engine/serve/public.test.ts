import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { route } from '../../../engine/serve/index.ts'
import { serveApi } from './scene.ts'

describe('a route without a token', () => {
  it('is slowed down by the address that asks, alone', async () => {
    let nowMs = 0
    const open = route({
      method: 'GET',
      path: '/open',
      access: 'public',
      summary: 'Open to all',
      answers: { 200: { says: 'Yes.' } },
      handle: ({ principal }) => ({ status: 200, body: { name: principal.name } }),
    })
    const rates = { decisions: 1, others: 1, strangers: 3 }
    const scene = await serveApi([{ tag: 'open', about: 'Open.', routes: [open] }], { rates, now: () => nowMs })
    try {
      const statuses: number[] = []
      for (let i = 0; i < 5; i++) statuses.push((await scene.ask('GET', '/open')).status)
      assert.deepEqual(statuses, [200, 200, 200, 429, 429])
      const slowed = await scene.ask('GET', '/open')
      assert.equal(slowed.headers.get('retry-after'), '1')
      nowMs += 1000
      assert.deepEqual((await scene.ask('GET', '/open')).body, { name: '' })
      assert.equal(await scene.metric('ringfence_api_refused_total', 'reason="rate"'), 3)
    } finally {
      await scene.server.close()
    }
  })
})
