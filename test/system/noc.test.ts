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

/** Why a metric has no series in a healthy process that plays the sample. Every other query must return data. */
const emptyBecause: readonly (readonly [metrics: RegExp, reason: string])[] = [
  [/^ringfence_(feedback|symbol_feedback)_total$/, 'nobody gave an opinion'],
  [/^ringfence_(symbol_hits|symbol_with_action|symbol_would_raise|shadow_actions)_total$/, 'no shadow rule hit'],
  [/^ringfence_tap_dropped_total$/, 'nothing is dropped'],
  [/^ringfence_last_snapshot_timestamp_seconds$/, 'no snapshot yet'],
  [/^ringfence_tls_certificate_expiry/, 'no certificate is configured'],
  [/^ringfence_passport_/, 'no identity is signed, verification is off'],
  [/^ringfence_model_/, 'no model was asked, or none has a shadow or drifted'],
  [/^ringfence_(redirect|archive|feed|appeals)_/, 'not configured'],
  [/^ringfence_log_/, 'the log is the embedded one'],
  [/^ringfence_reports_/, 'nobody reported anything'],
  [/^ringfence_(api|decisions|reputation)_/, 'nobody asked for a decision'],
]

const ruleExpressions = () => readRules().groups.flatMap(group => group.rules.map(({ expr }) => expr))

describe('Prometheus on a running demo', { skip: needs('prometheus') }, () => {
  it('has data for every query of the dashboards, or a reason why not, and no alert', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-noc-'))
    const [hepPort, httpPort] = [await freeUdpPort(), await freeTcpPort()]
    const ringfence = await startRingfence({ folder, hepPort, httpPort, yaml: 'metrics: { tenant: north }' })
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
      const explained = (name: string) => emptyBecause.some(([pattern]) => pattern.test(name))
      const used = [...queriesOf('5s', '10s').map(({ expr }) => expr), ...ruleExpressions()].flatMap(metricsIn)
      const base = (name: string) => name.replace(/_(bucket|count|sum)$/, '')
      assert.deepEqual(
        [...new Set(used.map(base))].filter(name => !exported.has(name) && !explained(name)),
        [],
        'every metric that dashboards and rules use is exported',
      )
      for (const expression of ruleExpressions()) await prometheus.query(expression)
      for (const { board, panel, expr } of queriesOf('5s', '10s')) {
        if ((await prometheus.query(expr)).length > 0) continue
        if (!metricsIn(expr).map(base).some(explained)) unexplained.push(`${board} / ${panel}: ${expr}`)
      }
      assert.deepEqual(unexplained, [])
      const labels = await prometheus.query('count by (tenant) (ringfence_build_info)')
      assert.equal(labels[0]?.metric.tenant, 'north')
      // The sample is all attacks: it would be strange if the alerts on them kept quiet. Everything else must.
      const unwanted = (await prometheus.alerts()).filter(
        ({ name, state }) =>
          state === 'firing' &&
          !['RingfenceAttackUnderWay', 'RingfenceSpamShareJump', 'RingfenceTapDrops'].includes(name),
      )
      assert.deepEqual(unwanted, [])
    } finally {
      sender.stop()
      await prometheus.stop()
      await ringfence.kill()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
