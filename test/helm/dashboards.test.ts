import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { stringify } from 'yaml'
import { metricCatalogue } from '../../engine/observe/index.ts'
import { type Board, boards, panelsOf, queriesOf } from '../support/helm/dashboards.ts'
import { metricsIn, readRules } from '../support/helm/rules.ts'
import { needs, requirePeer } from '../support/peers.ts'

const variable = (board: Board, name: string) => board.templating.list.find(each => each.name === name)

// The rules of Grafana's dashboard-linter, whose module no package registry here serves, by their names there.
describe('dashboards', () => {
  it('are the six that operators were promised', () => {
    assert.deepEqual([...boards.keys()], ['overview', 'taps', 'engine', 'quality', 'decisions', 'study'])
  })

  for (const [name, board] of boards) {
    describe(name, () => {
      it('has a data source variable (template-datasource-rule)', () => {
        const source = variable(board, 'datasource')
        assert.equal(source?.type, 'datasource')
        assert.equal(source?.query, 'prometheus')
        assert.equal(source?.label, 'Data source')
      })

      it('has job and instance variables that take all (template-job-rule, template-instance-rule)', () => {
        for (const [wanted, label] of [
          ['job', 'Job'],
          ['instance', 'Instance'],
        ] as const) {
          const found = variable(board, wanted)
          assert.equal(found?.label, label)
          assert.equal(found?.multi, true)
          assert.equal(found?.includeAll, true)
          assert.equal(found?.allValue, '.+')
          assert.equal(found?.datasource?.uid, '$datasource')
        }
      })

      it('has variables for namespace and tenant, and where it needs them tap and route', () => {
        assert.ok(variable(board, 'namespace') !== undefined && variable(board, 'tenant') !== undefined)
        const expressions = panelsOf(board).flatMap(({ targets }) => targets?.map(({ expr }) => expr) ?? [])
        for (const wanted of ['tap', 'route'])
          assert.equal(
            variable(board, wanted) !== undefined,
            expressions.some(expr => expr.includes(`$${wanted}"`)),
            wanted,
          )
      })

      it('reads variables anew when the time changes (template-on-time-change-reload-rule)', () => {
        for (const each of board.templating.list) if (each.type === 'query') assert.equal(each.refresh, 2, each.name)
      })

      it('has panels with title, description, unit and the chosen data source (panel-*-rule)', () => {
        for (const panel of panelsOf(board)) {
          assert.ok(panel.title.length > 2)
          assert.ok((panel.description ?? '').length > 10, panel.title)
          assert.ok((panel.fieldConfig?.defaults.unit ?? '') !== '', panel.title)
          assert.equal(panel.datasource?.uid, '$datasource', panel.title)
          assert.ok((panel.targets?.length ?? 0) > 0, panel.title)
          const refs = panel.targets?.map(({ refId }) => refId) ?? []
          assert.equal(new Set(refs).size, refs.length, panel.title)
        }
      })

      it('selects job and instance in every query (target-job-rule, target-instance-rule)', () => {
        for (const { title, targets } of panelsOf(board))
          for (const { expr } of targets ?? []) {
            const selectors = expr.match(/ringfence_[a-z0-9_]+(\{[^}]*\})?/g) ?? []
            assert.ok(selectors.length > 0, title)
            for (const selector of selectors) {
              assert.ok(
                selector.includes('job=~"$job"') && selector.includes('instance=~"$instance"'),
                `${title}: ${expr}`,
              )
              assert.ok(selector.includes('namespace=~"$namespace"') && selector.includes('tenant=~"$tenant"'), title)
            }
          }
      })

      it('aggregates counters by rate or increase, over the rate interval (target-counter-agg-rule, target-rate-interval-rule)', () => {
        for (const { title, targets } of panelsOf(board))
          for (const { expr } of targets ?? []) {
            for (const [, call, metric] of expr.matchAll(
              /(\w+)\((ringfence_[a-z0-9_]+(?:_total|_bucket|_count|_sum))\b/g,
            ))
              assert.match(call ?? '', /^(rate|increase)$/, `${title}: ${metric}`)
            for (const [, range] of expr.matchAll(/rate\([^[]*\[([^\]]+)\]/g))
              assert.equal(range, '$__rate_interval', `${title}: ${expr}`)
          }
      })

      it('cannot be edited in place, and shows times relative to now (uneditable-dashboard)', () => {
        assert.equal(board.editable, false)
        assert.match(board.time.from, /^now-/)
        assert.equal(board.time.to, 'now')
        assert.ok(!/\b20\d\d-\d\d-\d\d/.test(JSON.stringify(board)))
      })

      it('leads to headings of the runbook that exist', () => {
        const headings = readRules()
          .groups.flatMap(group => group.rules)
          .flatMap(({ alert }) => alert?.toLowerCase() ?? [])
        const links = panelsOf(board).flatMap(panel => panel.links ?? [])
        for (const { url } of links) assert.ok(headings.includes(url.split('#')[1] ?? ''), url)
        assert.ok(board.links.some(({ title }) => title === 'Runbook'))
      })

      it('lays its panels side by side without overlap', () => {
        const taken = new Set<string>()
        for (const { gridPos, title } of board.panels) {
          assert.ok(gridPos.x + gridPos.w <= 24, title)
          for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
            for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
              assert.ok(!taken.has(`${x} ${y}`), title)
              taken.add(`${x} ${y}`)
            }
        }
      })
    })
  }

  it('use metrics of the catalogue only, and between them show every alert a panel', () => {
    const known = new Set(
      Object.entries(metricCatalogue).flatMap(([name, { type }]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    )
    const used = queriesOf('5m', '1h').flatMap(({ expr }) => metricsIn(expr))
    assert.deepEqual(
      used.filter(metric => !known.has(metric)),
      [],
    )
    const linked = new Set(
      [...boards.values()].flatMap(panelsOf).flatMap(panel => panel.links?.map(({ url }) => url.split('#')[1]) ?? []),
    )
    const alerts = readRules()
      .groups.flatMap(group => group.rules)
      .flatMap(({ alert }) => alert?.toLowerCase() ?? [])
    assert.deepEqual(
      alerts.filter(alert => !linked.has(alert)),
      [],
    )
  })

  it('have queries that Prometheus parses (target-promql-rule)', { skip: needs('promtool') }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-dashboards-'))
    try {
      const rules = queriesOf('5m', '1h').map(({ expr }, i) => ({ record: `query:${i}`, expr }))
      const file = join(folder, 'rules.yaml')
      writeFileSync(file, stringify({ groups: [{ name: 'queries', rules }] }))
      const { status, stdout, stderr } = spawnSync(requirePeer('promtool'), ['check', 'rules', file], {
        encoding: 'utf8',
      })
      assert.equal(status, 0, stdout + stderr)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
