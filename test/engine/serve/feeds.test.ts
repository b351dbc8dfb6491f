import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { feedFormats } from '../../../engine/feeds/index.ts'
import { feedRoutes } from '../../../engine/serve/index.ts'
import { type FeedScene, feedScene } from '../feeds/scene.ts'
import { type ApiScene, serveApi } from './scene.ts'

describe('feeds over HTTP', () => {
  let list: FeedScene
  let api: ApiScene
  before(async () => {
    list = await feedScene({ rebuildSeconds: 1 })
    list.standings = [{ party: '+33612345678' }]
    api = await serveApi([feedRoutes({ feeds: list.feeds })])
  })
  after(() => api.server.close())

  it('are for switches, analysts and regulators, in every format', async () => {
    for (const [format, type] of Object.entries(feedFormats)) {
      for (const role of ['switch', 'analyst', 'regulator', 'admin'] as const) {
        const { status, headers } = await api.ask('GET', `/v1/feeds/${format}`, { role })
        assert.equal(status, 200, `${format} ${role}`)
        assert.equal(headers.get('content-type')?.split(';')[0], type.split(';')[0])
      }
      assert.equal((await api.ask('GET', `/v1/feeds/${format}`, { role: 'tap' })).status, 403)
      assert.equal((await api.ask('GET', `/v1/feeds/${format}`)).status, 401)
    }
  })
  it('say their edition and end, and nothing more to who has it', async () => {
    const first = await api.ask('GET', '/v1/feeds/blocklist.zone', { role: 'switch' })
    const etag = first.headers.get('etag') ?? ''
    assert.match(etag, /^"blocklist\.zone-[0-9a-f]{16}-\d+"$/)
    assert.equal(Date.parse(first.headers.get('expires') ?? ''), list.nowMs + 3_600_000)
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await api.ask('GET', '/v1/feeds/blocklist.zone', {
        role: 'switch',
        headers: { 'if-none-match': header },
      })
      assert.deepEqual([again.status, again.body, again.headers.get('etag')], [304, '', etag], header)
    }
    const other = await api.ask('GET', '/v1/feeds/blocklist.zone', {
      role: 'switch',
      headers: { 'if-none-match': '"x"' },
    })
    assert.equal(other.status, 200)
  })
  it('give what changed since an edition', async () => {
    const first = await api.ask('GET', '/v1/feeds/blocklist.json', { role: 'switch' })
    list.nowMs += 2_000
    list.standings = [{ party: '+33612345679' }]
    const since = first.headers.get('feed-version')
    const { body } = await api.ask('GET', `/v1/feeds/blocklist.json?since=${since}`, { role: 'switch' })
    const { complete, entries, removed } = body as {
      complete: boolean
      entries: { party: string }[]
      removed: string[]
    }
    assert.deepEqual([complete, entries.map(each => each.party), removed], [false, ['+33612345679'], ['+33612345678']])
    assert.equal((await api.ask('GET', '/v1/feeds/blocklist.json?since=../../x', { role: 'switch' })).status, 400)
  })
  it('are not given out while the list is not whole: 503, keep what you have', async () => {
    list.ready = false
    const { status, headers } = await api.ask('GET', '/v1/feeds/blocklist.json', { role: 'switch' })
    assert.deepEqual([status, headers.get('retry-after')], [503, '5'])
    list.ready = true
  })
  it('publish the keys of their signatures to anybody', async () => {
    const { status, body } = await api.ask('GET', '/v1/feeds/keys')
    assert.deepEqual([status, body], [200, { keys: [] }])
  })
})
