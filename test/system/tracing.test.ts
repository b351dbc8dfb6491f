import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { collector, type SentSpan } from '../support/collector.ts'
import { startRingfence } from '../support/ringfence.ts'
import { sendSampleSteadily } from '../support/sample-sender.ts'
import { eventually, freeTcpPort, freeUdpPort } from '../support/sockets.ts'

it('a call is one trace from its tap to its verdict, and an exemplar on the latency', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-tracing-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const { endpoint, spans } = await collector(t)
  const [hepPort, httpPort] = [await freeUdpPort(), await freeTcpPort()]
  const yaml = `tracing: { endpoint: "${endpoint}", ratio: 1 }`
  const ringfence = await startRingfence({ folder, hepPort, httpPort, yaml })
  t.after(() => ringfence.kill())
  const sender = sendSampleSteadily(hepPort)
  t.after(() => sender.stop())
  const whole = () => {
    const byTrace = groupByTrace(spans)
    return [...byTrace.values()].find(all => ['tap', 'judge', 'publish'].every(name => all.some(s => s.name === name)))
  }
  await eventually('a whole trace has arrived', () => whole() !== undefined, {
    failed: () => (ringfence.child.hasEnded() ? JSON.stringify(ringfence.child.output()) : undefined),
  })
  const trace = whole()!
  const named = (name: string) => trace.find(span => span.name === name)!
  assert.equal(named('tap').parentSpanId, undefined)
  for (const name of ['judge', 'publish']) assert.equal(named(name).parentSpanId, named('tap').spanId)
  const ends = (span: SentSpan) => BigInt(span.endTimeUnixNano)
  assert.ok(ends(named('judge')) <= ends(named('publish')))
  const facts = spans.flatMap(span => span.attributes.map(({ value }) => JSON.stringify(value)))
  assert.deepEqual(
    facts.filter(text => /\+\d{6,}|@|sip:|\d{1,3}(\.\d{1,3}){3}/.test(text)),
    [],
  )

  const page = await fetch(`http://127.0.0.1:${httpPort}/metrics`, {
    headers: { accept: 'application/openmetrics-text;version=1.0.0' },
  })
  const exemplar = /ringfence_verdict_latency_seconds_bucket\{[^}]*\} \d+ # \{trace_id="([0-9a-f]{32})"\}/.exec(
    await page.text(),
  )?.[1]
  assert.ok(exemplar !== undefined)
  await eventually('the exemplar’s trace has arrived', () => spans.some(({ traceId }) => traceId === exemplar))
})

function groupByTrace(spans: readonly SentSpan[]): Map<string, SentSpan[]> {
  const groups = new Map<string, SentSpan[]>()
  for (const span of spans) groups.set(span.traceId, [...(groups.get(span.traceId) ?? []), span])
  return groups
}
