import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createTracing } from '../../../engine/observe/index.ts'
import { collector } from '../../support/collector.ts'

describe('tracing', () => {
  it('is off without a collector', () => {
    assert.equal(createTracing({ endpoint: '', ratio: 1 }, 'x'), undefined)
  })

  it('makes one trace of what tap and engine did', async t => {
    const { endpoint, spans } = await collector(t)
    const tap = createTracing({ endpoint, ratio: 1 }, 'x')!
    const engine = createTracing({ endpoint, ratio: 0 }, 'x')!
    const header = tap.begin(1_700_000_000_000, 1_700_000_000_002.5, { kind: 'call.attempt', tap: 'hep-1' })
    assert.match(header ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    const traceId = engine.span(header!, 'judge', 1_700_000_000_003, 1_700_000_000_004, { action: 'block', score: 7.5 })
    await tap.close()
    await engine.close()
    assert.equal(traceId, header?.slice(3, 35))
    const [first, second] = spans
    assert.deepEqual([first?.name, second?.name], ['tap', 'judge'])
    assert.equal(first?.traceId, traceId)
    assert.equal(second?.traceId, traceId)
    assert.equal(first?.parentSpanId, undefined)
    assert.equal(second?.parentSpanId, first?.spanId)
    assert.equal(first?.startTimeUnixNano, '1700000000000000000')
    assert.equal(first?.endTimeUnixNano, '1700000000002500000')
    assert.deepEqual(second?.attributes, [
      { key: 'action', value: { stringValue: 'block' } },
      { key: 'score', value: { doubleValue: 7.5 } },
    ])
  })

  it('begins traces for the share that is asked for', async t => {
    const { endpoint } = await collector(t)
    let next = 0
    const tracing = createTracing({ endpoint, ratio: 0.25 }, 'x', () => (next++ % 100) / 100)!
    let begun = 0
    for (let i = 0; i < 100; i++) if (tracing.begin(0, 1, {}) !== undefined) begun++
    assert.equal(begun, 25)
    await tracing.close()
  })

  it('takes no header that is none, or of a trace that is not recorded', async t => {
    const { endpoint, spans } = await collector(t)
    const tracing = createTracing({ endpoint, ratio: 1 }, 'x')!
    for (const header of [
      '',
      'x',
      '00-00000000000000000000000000000000-b7ad6b7169203331-01',
      '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
    ])
      assert.equal(tracing.span(header, 'judge', 0, 1, {}), undefined, header)
    await tracing.close()
    assert.deepEqual(spans, [])
  })

  it('loses spans and nothing else when the collector refuses or is away', async t => {
    const { endpoint } = await collector(t, 503)
    for (const base of [endpoint, 'http://127.0.0.1:1']) {
      const tracing = createTracing({ endpoint: base, ratio: 1 }, 'x')!
      tracing.begin(0, 1, {})
      await tracing.close()
    }
  })
})
