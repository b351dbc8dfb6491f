import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { datasource, type PanelSpec, panel, RUNBOOK } from './panel.ts'

export interface DashboardSpec {
  /** Part of its file name and uid. */
  readonly name: string
  readonly title: string
  readonly description: string
  /** Panels by the title of their row, in order. */
  readonly rows: Readonly<Record<string, readonly PanelSpec[]>>
  /** Variables beside data source, job, instance, namespace and tenant: label and the metric that has it. */
  readonly variables?: readonly ('tap' | 'route')[]
}

const sourceOf = { tap: 'ringfence_tap_received_total', route: 'ringfence_route_verdicts_total' } as const

/** The dashboard as the JSON that Grafana loads. */
export function dashboard(spec: DashboardSpec): object {
  const builder = new DashboardBuilder(spec.title)
    .uid(`ringfence-${spec.name}`)
    .description(spec.description)
    .tags(['ringfence'])
    .readonly()
    .timezone('browser')
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Ringfence')
        .type(DashboardLinkType.Dashboards)
        .tags(['ringfence'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .link(new DashboardLinkBuilder('Runbook').type(DashboardLinkType.Link).url(RUNBOOK).targetBlank(true))
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
  for (const variable of variables(spec)) builder.withVariable(variable)
  for (const [title, panels] of Object.entries(spec.rows)) {
    builder.withRow(new RowBuilder(title))
    for (const each of panels) builder.withPanel(panel(each))
  }
  return withLinksInSight(builder.build())
}

/** The SDK's only `placement` of a link hides it in a menu, from Grafana 12 on; above the panels needs none. */
function withLinksInSight(board: object): object {
  return JSON.parse(JSON.stringify(board), (key, value) =>
    key === 'placement' && value === 'inControlsMenu' ? undefined : value,
  ) as object
}

/** Chosen one after the other; the fallback of a label that may be absent (no namespace outside Kubernetes) matches none. */
function variables({ variables = [] }: DashboardSpec): { build(): VariableModel }[] {
  const info = 'ringfence_build_info'
  const scope = 'job=~"$job",namespace=~"$namespace"'
  return [
    variable('job', 'Job', `label_values(${info}, job)`, '.+'),
    variable('namespace', 'Namespace', `label_values(${info}{job=~"$job"}, namespace)`, '.*'),
    variable('tenant', 'Tenant', `label_values(${info}{${scope}}, tenant)`, '.*'),
    variable('instance', 'Instance', `label_values(${info}{${scope}}, instance)`, '.+'),
    ...variables.map(name =>
      variable(name, name === 'tap' ? 'Tap' : 'Route', `label_values(${sourceOf[name]}{${scope}}, ${name})`, '.*'),
    ),
  ]
}

function variable(name: string, label: string, query: string, all: string) {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(all)
    .current({ text: 'All', value: '$__all', selected: true })
}
