import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RingfenceError } from '../../../engine/errors/index.ts'
import { countDrop, createMetrics, engineCounters, tapCounters } from '../../../engine/observe/index.ts'
import { serveHttp } from '../../../engine/serve/index.ts'

describe('HTTP', () => {
  it('serves metrics, health and readiness', async () => {
    const engine = engineCounters()
    const metrics = createMetrics(engine, '1.2.3')
    const counters = tapCounters()
    metrics.addTap('hep-1', 'hep', counters, { queued: 3, spilled: 0, dropped: 0 })
    counters.received = 5
    countDrop(counters, 'not-hep')
    engine.activities.add('call.attempt', 'origin')
    engine.activities.add('call.attempt', 'origin')
    let waiting = ['partition 0: restoring']
    const server = await serveHttp({ listen: '127.0.0.1:0', metrics, notReady: () => waiting })
    try {
      const text = await (await fetch(`${server.url}/metrics`)).text()
      assert.match(text, /ringfence_tap_received_total\{tap="hep-1",type="hep"\} 5/)
      assert.match(text, /ringfence_tap_dropped_total\{tap="hep-1",type="hep",reason="not-hep"\} 1/)
      assert.match(text, /ringfence_tap_queue_activities\{tap="hep-1",type="hep"\} 3/)
      assert.match(text, /ringfence_activities_total\{kind="call.attempt",role="origin"\} 2/)
      assert.match(text, /ringfence_verdict_latency_seconds_bucket\{le="0.05"\} 0/)
      assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
      assert.equal((await fetch(`${server.url}/readyz`)).status, 503)
      waiting = []
      assert.equal((await fetch(`${server.url}/readyz`)).status, 200)
    } finally {
      await server.close()
    }
  })

  it('says which option is wrong when it cannot listen', async () => {
    const metrics = createMetrics(engineCounters(), 'x')
    const server = await serveHttp({ listen: '127.0.0.1:0', metrics, notReady: () => [] })
    const taken = server.url.slice('http://'.length)
    await assert.rejects(
      serveHttp({ listen: taken, metrics, notReady: () => [] }),
      (error: unknown) =>
        error instanceof RingfenceError && error.code === 'LISTEN_FAILED' && /serve\.listen/.test(error.hint ?? ''),
    )
    await assert.rejects(
      serveHttp({ listen: 'nowhere', metrics, notReady: () => [] }),
      /serve\.listen: 'nowhere' is not HOST:PORT/,
    )
    await server.close()
  })
})
