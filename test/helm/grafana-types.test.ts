import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { boards, panelsOf } from '../support/helm/dashboards.ts'
import { findHelmTools } from '../support/helm/tools.ts'

const found = findHelmTools()
const script = fileURLToPath(new URL('../../../test/support/helm/grafana_types.py', import.meta.url))

/** What Grafana 11.6 does not know of each dashboard, by name. */
function unknownTo(dashboards: Readonly<Record<string, unknown>>): Record<string, string[]> {
  assert.ok('tools' in found)
  const args = [script, found.tools.grafanaTypes]
  return JSON.parse(execFileSync('python3', args, { input: JSON.stringify(dashboards), encoding: 'utf8' }))
}

// No package registry has a Grafana that could be started; its types say what its JSON may hold.
describe("Grafana's own types", { skip: 'missing' in found ? found.missing : false }, () => {
  it('know everything that the dashboards say, and add nothing', () => {
    const unknown = unknownTo(Object.fromEntries(boards))
    assert.deepEqual(unknown, Object.fromEntries([...boards.keys()].map(name => [name, []])))
  })

  it('notice a key that is none, of a dashboard, a variable, a panel, its options and a query', () => {
    const damaged = structuredClone(boards.get('engine')!)
    const panel = panelsOf(damaged).find(({ type }) => type === 'timeseries') as unknown as Record<string, unknown>
    const places: Record<string, object> = {
      'engine.': damaged,
      'templating.list[1].': damaged.templating.list[1]!,
      '].': panel,
      'options.': panel.options as object,
      'fieldConfig.defaults.custom.': (panel.fieldConfig as { defaults: { custom: object } }).defaults.custom,
      'targets[0].': (panel.targets as object[])[0]!,
    }
    for (const place of Object.values(places)) Object.assign(place, { misspelt: 1 })
    const lost = unknownTo({ engine: damaged }).engine ?? []
    for (const place of Object.keys(places))
      assert.ok(
        lost.some(line => line.includes(`${place}misspelt lost 1`)),
        `${place} is not among ${lost.join('; ')}`,
      )
    assert.equal(lost.length, Object.keys(places).length)
  })
})
