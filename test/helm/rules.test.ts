import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { metricCatalogue } from '../../engine/observe/index.ts'
import { metricsIn, readRules, rulesPath } from '../support/helm/rules.ts'
import { needs, requirePeer } from '../support/peers.ts'
import { type RuleCase, ruleCases } from './rule-cases.ts'

const rules = readRules()
const alerts = rules.groups.flatMap(group => group.rules).filter(rule => rule.alert !== undefined)
const runbook = readFileSync(fileURLToPath(new URL('../../../docs/runbook.md', import.meta.url)), 'utf8')

/** promtool's unit test of one case: only the alert of the namespace `bad` may be there. */
function promtoolTest({ alert, at, bad, good, severity, labels = {} }: RuleCase) {
  const named = (namespace: string) => (series: RuleCase['bad'][number]) => ({
    series: series[0].includes('{')
      ? series[0].replace('{', `{namespace="${namespace}",`)
      : `${series[0]}{namespace="${namespace}"}`,
    values: series[1],
  })
  return {
    interval: '1m',
    input_series: [...bad.map(named('bad')), ...good.map(named('good'))],
    alert_rule_test: [
      {
        eval_time: `${at}m`,
        alertname: alert,
        exp_alerts: [{ exp_labels: { severity, namespace: 'bad', ...labels } }],
      },
    ],
  }
}

function promtool(...args: string[]) {
  return spawnSync(requirePeer('promtool'), args, { encoding: 'utf8' })
}

describe('alerts', () => {
  it('say how serious, what, and where to read on', () => {
    for (const { alert, labels, annotations } of alerts) {
      assert.match(alert!, /^Ringfence[A-Z]/)
      assert.match(labels?.severity ?? '', /^(critical|warning)$/, alert)
      assert.ok((annotations?.summary ?? '').length > 10, alert)
      assert.ok((annotations?.description ?? '').length > 40, alert)
      assert.equal(annotations?.runbook_url, `docs/runbook.md#${alert!.toLowerCase()}`)
    }
  })

  it('have a heading in the runbook each, and the runbook has no other', () => {
    const headings = [...runbook.matchAll(/^### (Ringfence\w+)$/gm)].map(([, name]) => name)
    assert.deepEqual(headings.toSorted(), alerts.map(({ alert }) => alert).toSorted())
  })

  it('use metrics of the catalogue only', () => {
    const known = new Set(
      Object.entries(metricCatalogue).flatMap(([name, { type }]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    )
    const used = rules.groups.flatMap(group => group.rules.flatMap(rule => metricsIn(rule.expr)))
    assert.deepEqual(
      used.filter(name => !known.has(name)),
      [],
    )
  })

  it('are each tried with series that must fire it', () => {
    const tried = new Set(ruleCases.map(each => each.alert))
    assert.deepEqual(
      alerts.map(({ alert }) => alert!).filter(alert => !tried.has(alert)),
      [],
    )
  })
})

describe('rules in promtool', { skip: needs('promtool') }, () => {
  it('are valid', () => {
    const { status, stderr, stdout } = promtool('check', 'rules', rulesPath)
    assert.equal(status, 0, stdout + stderr)
  })

  // One promtool for all: a start takes longer than a case. Annotations are left to the test with a real Prometheus.
  it('fire for the series that are wrong and for no others', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-rules-'))
    try {
      const bare = rules.groups.map(group => ({
        ...group,
        rules: group.rules.map(({ annotations: _, ...rule }) => rule),
      }))
      writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: bare }))
      const tests = { rule_files: ['rules.yaml'], evaluation_interval: '1m', tests: ruleCases.map(promtoolTest) }
      writeFileSync(join(folder, 'tests.yaml'), stringify(tests))
      const { status, stdout, stderr } = promtool('test', 'rules', join(folder, 'tests.yaml'))
      assert.equal(status, 0, stdout + stderr)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
