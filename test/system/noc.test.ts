import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { queriesOf } from '../support/helm/dashboards.ts'
import { metricsIn, readRules } from '../support/helm/rules.ts'
import { needs } from '../support/peers.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { startRingfence } from '../support/ringfence.ts'
import { sendSampleSteadily } from '../support/sample-sender.ts'
import { eventually, freeTcpPort, freeUdpPort } from '../support/sockets.ts'

type Reasons = readonly (readonly [metrics: RegExp, reason: string])[]

/** Why a query of a healthy process that plays the sample finds nothing. An entry whose metrics have data is out of date, and fails. */
const emptyBecause: Reasons = [
  [/^ringfence_(feedback|symbol_feedback)_total$/, 'nobody gave an opinion'],
  [/^ringfence_tap_dropped_total$/, 'nothing is dropped'],
  [/^ringfence_last_snapshot_timestamp_seconds$/, 'the first snapshot is an hour away'],
  [/^ringfence_tls_certificate_expiry/, 'no certificate is configured'],
  [/^ringfence_passport_/, 'no identity is signed, verification is off'],
  [/^ringfence_model_(?!scored|skipped|drift|latency|info|swaps|refused)/, 'no model is in shadow'],
  [/^ringfence_(redirect|archive)_|^ringfence_feed_(?!entries)|^ringfence_appeals_(?!open|overdue)/, 'not configured'],
  [/^ringfence_log_/, 'the log is the embedded one'],
  [/^ringfence_reports_(?!taken)/, 'nobody reported anything'],
  [/^ringfence_decisions_|^ringfence_api_(?!decide_seconds)/, 'nobody asked for a decision'],
]

/** What a query finds or not, by the moment at which it is asked. */
const emptyNowAndThen: Reasons = [
  [/^ringfence_(symbol_hits|symbol_with_action|symbol_would_raise|shadow_actions)_total$/, 'shadow rules hit rarely'],
  [/^ringfence_model_(scored|skipped|drift|latency)/, 'messages come in bursts'],
]

const ruleExpressions = () => readRules().groups.flatMap(group => group.rules.map(({ expr }) => expr))

describe('Prometheus on a running demo', { skip: needs('prometheus') }, () => {
  it('has data for every query of the dashboards, or a reason why not, and no alert', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-noc-'))
    const [hepPort, httpPort] = [await freeUdpPort(), await freeTcpPort()]
    const ringfence = await startRingfence({
      folder,
      hepPort,
      httpPort,
      urgent: true,
      yaml: 'metrics: { tenant: north }\nengine: { snapshotSeconds: 3600 }',
    })
    const sender = sendSampleSteadily(hepPort)
    const prometheus = await startPrometheus([`127.0.0.1:${httpPort}`])
    try {
      await eventually(
        'verdicts against spam are scraped',
        async () => (await prometheus.query('rate(ringfence_verdicts_total{action!="allow"}[5s]) > 0')).length > 0,
      )
      const exported = new Set(
        [...(await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text()).matchAll(/^# TYPE (\S+)/gm)].map(
          ([, name]) => name!,
        ),
      )
      const unexplained: string[] = []
      const isIn = (reasons: Reasons) => (name: string) => reasons.some(([pattern]) => pattern.test(name))
      const excused = isIn(emptyBecause)
      const explained = isIn([...emptyBecause, ...emptyNowAndThen])
      const used = [...queriesOf('5s', '10s').map(({ expr }) => expr), ...ruleExpressions()].flatMap(metricsIn)
      const base = (name: string) => name.replace(/_(bucket|count|sum)$/, '')
      assert.deepEqual(
        [...new Set(used.map(base))].filter(name => !exported.has(name) && !explained(name)),
        [],
        'every metric that dashboards and rules use is exported',
      )
      for (const expression of ruleExpressions()) await prometheus.query(expression)
      const empty = new Set<string>()
      for (const { board, panel, expr } of queriesOf('5s', '10s')) {
        if ((await prometheus.query(expr)).length > 0) continue
        const metrics = metricsIn(expr).map(base)
        for (const metric of metrics) empty.add(metric)
        if (!metrics.some(explained)) unexplained.push(`${board} / ${panel}: ${expr}`)
      }
      assert.deepEqual(unexplained, [])
      assert.deepEqual(
        [...new Set(used.map(base))].filter(name => excused(name) && exported.has(name) && !empty.has(name)),
        [],
        'a metric that is excused has no data in at least one query',
      )
      const labels = await prometheus.query('count by (tenant) (ringfence_build_info)')
      assert.equal(labels[0]?.metric.tenant, 'north')
      // The sample is all attacks: it would be strange if the alerts on them kept quiet. Everything else must, once code that
      // has just been loaded no longer makes the first verdicts of a busy machine late.
      const expected = ['RingfenceAttackUnderWay', 'RingfenceSpamShareJump', 'RingfenceTapDrops']
      const firing = async () =>
        (await prometheus.alerts()).filter(({ name, state }) => state === 'firing' && !expected.includes(name))
      await eventually('nothing else fires', async () => (await firing()).length === 0, {
        timeoutMs: 180_000,
        everyMs: 500,
      }).catch(async () => assert.deepEqual(await firing(), []))
    } finally {
      sender.stop()
      await prometheus.stop()
      await ringfence.kill()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
