import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { Verdict } from '../../../engine/activity/index.ts'
import { callingCountry } from '../../../engine/identity/index.ts'
import {
  createMetrics,
  engineCounters,
  exposeCertificates,
  metricCatalogue,
  metricsDocument,
  tapCounters,
} from '../../../engine/observe/index.ts'
import { writeTestCertificate } from '../../support/tls.ts'

const metricsOf = (page: string) =>
  page.split('\n').flatMap(line => /^# TYPE (\S+) (\S+)$/.exec(line)?.slice(1, 3).join(' ') ?? [])
const seriesOf = (page: string) => page.split('\n').filter(line => line !== '' && !line.startsWith('#'))

function verdict(over: Partial<Verdict>): Verdict {
  return {
    id: 'v',
    activity: 'a',
    role: 'origin',
    kind: 'call.attempt',
    time: 0,
    party: '+33123456789',
    score: 0,
    action: 'allow',
    reasons: [],
    pack: 'p',
    ...over,
  }
}
const reason = (symbol: string, state: 'enforce' | 'shadow') => ({
  symbol,
  state,
  score: 1,
  says: { en: '', fr: '' },
  evidence: {},
})

describe('the catalogue of metrics', () => {
  it('keeps the conventions of names', () => {
    for (const [name, spec] of Object.entries(metricCatalogue)) {
      assert.match(name, /^ringfence_[a-z0-9_]+$/)
      assert.equal(name.endsWith('_total'), spec.type === 'counter', name)
      if (spec.type === 'histogram') assert.ok('buckets' in spec, name)
      if ('labels' in spec) assert.ok('bound' in spec, `${name} says why its labels are bounded`)
      assert.match(spec.help, /^[A-Za-z0-9'"].*[^.]$/, name)
    }
  })

  it('is what docs/metrics.md says (npm run docs)', () => {
    const path = fileURLToPath(new URL('../../../../docs/metrics.md', import.meta.url))
    assert.equal(readFileSync(path, 'utf8'), metricsDocument())
  })

  it('has everything that is exported, with the type that is exported', async () => {
    const metrics = createMetrics(engineCounters(), '1.2.3')
    metrics.addTap('hep-1', 'hep', tapCounters(), { queued: 0, spilled: 0, dropped: 0 })
    const known = Object.entries(metricCatalogue).map(([name, { type }]) => `${name} ${type}`)
    const { text } = await metrics.page(undefined)
    assert.deepEqual(
      metricsOf(text).filter(metric => !known.includes(metric)),
      [],
    )
  })

  it('has a bucket edge on the latency objective', () => {
    assert.ok((metricCatalogue.ringfence_verdict_latency_seconds.buckets as readonly number[]).includes(0.05))
    assert.ok((metricCatalogue.ringfence_stage_seconds.buckets as readonly number[]).includes(0.05))
  })
})

describe('metrics', () => {
  it('count verdicts by action, category and kind, symbols by state, class, route and country', async () => {
    const metrics = createMetrics(engineCounters(), 'x', { countryOf: callingCountry })
    const { meter } = metrics
    meter.verdict(verdict({}), { route: { tap: 'hep-1' } })
    meter.verdict(
      verdict({
        action: 'block',
        category: 'wangiri',
        class: 'real-time voice',
        score: 12,
        party: '+12025550100',
        shadowAction: 'allow',
        reasons: [reason('WANGIRI', 'enforce'), reason('NEW', 'shadow'), { ...reason('OLD', 'enforce'), held: true }],
      }),
      { route: { tap: 'hep-1', trunk: 'ix-orange' } },
    )
    const { text } = await metrics.page('text/plain')
    for (const line of [
      'ringfence_verdicts_total{action="allow",category="none",kind="call.attempt"} 1',
      'ringfence_verdicts_total{action="block",category="wangiri",kind="call.attempt"} 1',
      'ringfence_symbol_hits_total{symbol="WANGIRI",state="enforce"} 1',
      'ringfence_symbol_hits_total{symbol="NEW",state="shadow"} 1',
      'ringfence_shadow_actions_total{action="block",shadow_action="allow"} 1',
      'ringfence_spam_class_total{class="real-time voice"} 1',
      'ringfence_route_verdicts_total{route="hep-1",outcome="clear"} 1',
      'ringfence_route_verdicts_total{route="ix-orange",outcome="spam"} 1',
      'ringfence_country_verdicts_total{country="FR",outcome="clear"} 1',
      'ringfence_country_verdicts_total{country="US",outcome="spam"} 1',
      'ringfence_verdict_score_bucket{le="15"} 2',
      'ringfence_verdict_score_bucket{le="10"} 1',
    ])
      assert.ok(text.includes(`${line}\n`), line)
    assert.ok(!text.includes('OLD'))
  })

  it('stay few and name nobody, whatever the traffic claims to be', async () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.constantFrom('+33612345678', 'sip:alice@example.org', '203.0.113.7', 'a84b4c76e66710@pc33.example.com'),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ trunk: hostile, party: hostile, symbol: hostile, category: hostile, campaign: hostile }), {
          minLength: 200,
          maxLength: 400,
        }),
        async traffic => {
          const engine = engineCounters()
          const metrics = createMetrics(engine, 'x', { countryOf: callingCountry })
          const taps = tapCounters()
          metrics.addTap('hep-1', 'hep', taps, { queued: 0, spilled: 0, dropped: 0 })
          for (let repeat = 0; repeat < 10; repeat++)
            for (const [i, { trunk, party, symbol, category, campaign }] of traffic.entries()) {
              const twist = `${repeat}-${i}`
              engine.activities.add(`${category}${twist}`, 'origin')
              taps.dropped.set(`${symbol}${twist}`, 1)
              metrics.meter.verdict(
                verdict({
                  action: 'flag',
                  category: category + twist,
                  party,
                  reasons: [reason(symbol + twist, 'enforce')],
                  campaign: { id: campaign + twist, origins: 1, targets: 1, messages: 1, firstSeen: 0 },
                }),
                { route: { tap: 'hep-1', trunk: trunk + twist } },
              )
            }
          const { text } = await metrics.page(undefined)
          const series = seriesOf(text)
          assert.ok(series.length < 3500, `${series.length} series`)
          const labels = series.flatMap(line => /\{(.*)\}/.exec(line)?.[1] ?? [])
          const naming = labels.filter(label => /\+?\d{7,}|@|sips?:|\b\d{1,3}(\.\d{1,3}){3}\b/.test(label))
          assert.deepEqual(naming, [])
        },
      ),
      { numRuns: 5 },
    )
  })

  it('sum equal series of several parts and refuse to mix types', async () => {
    const metrics = createMetrics(engineCounters(), 'x')
    metrics.expose('ringfence_model_scored_total', () => [[3, 'text']])
    metrics.expose('ringfence_model_scored_total', () => [
      [4, 'text'],
      [1, 'behaviour'],
    ])
    const { text } = await metrics.page(undefined)
    assert.match(text, /ringfence_model_scored_total\{model="text"\} 7\n/)
    assert.throws(() => metrics.expose('ringfence_verdict_latency_seconds', () => 1), /is a histogram/)
    assert.throws(() => metrics.distribution('ringfence_parties'), /is a gauge/)
  })

  it('carry the tenant on every series when there is one', async () => {
    const metrics = createMetrics(engineCounters(), 'x', { tenant: 'north' })
    const { text } = await metrics.page(undefined)
    assert.deepEqual(
      seriesOf(text).filter(line => !line.includes('tenant="north"')),
      [],
    )
  })

  it('show exemplars to a scraper that accepts OpenMetrics, and plain text to others', async () => {
    const metrics = createMetrics(engineCounters(), 'x', { now: () => 1_700_000_000_000 })
    metrics.observeLatency(0.02, '0af7651916cd43dd8448eb211c80319c')
    const open = await metrics.page('application/openmetrics-text;version=1.0.0,text/plain;q=0.5')
    assert.match(open.contentType, /^application\/openmetrics-text/)
    assert.match(
      open.text,
      /ringfence_verdict_latency_seconds_bucket\{le="0.025"\} 1 # \{trace_id="0af7651916cd43dd8448eb211c80319c"\} 0.02 1700000000\n/,
    )
    assert.match(open.text, /# TYPE ringfence_parties gauge\n/)
    assert.match(open.text, /# TYPE ringfence_late counter\nringfence_late_total 0\n/)
    assert.ok(open.text.endsWith('# EOF\n'))
    const plain = await metrics.page('text/plain')
    assert.ok(!plain.text.includes('trace_id'))
    assert.match(plain.text, /# TYPE ringfence_late_total counter\n/)
  })
})

describe('certificates', () => {
  it('show when they end, again after a renewal, and nothing where there is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-certificates-'))
    try {
      const { certFile } = writeTestCertificate(folder)
      const metrics = createMetrics(engineCounters(), 'x')
      exposeCertificates(metrics, [
        { name: 'hep-1', file: certFile },
        { name: 'gone', file: join(folder, 'none.pem') },
      ])
      const { text } = await metrics.page(undefined)
      const ends = Number(/certificate="hep-1"\} (\S+)/.exec(text)?.[1])
      assert.equal(ends, Date.parse(new X509Certificate(readFileSync(certFile)).validTo) / 1000)
      assert.ok(!text.includes('certificate="gone"'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
