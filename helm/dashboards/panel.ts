import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge'
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'

/** The chart replaces it by `monitoring.runbookUrl`. */
export const RUNBOOK = 'https://ringfence.example/docs/runbook.md'
/** The data source that the dashboard's variable names. */
export const datasource = { type: 'prometheus', uid: '$datasource' }

/** Every series is chosen by the variables that all dashboards have. */
const SELECTOR = 'job=~"$job",instance=~"$instance",namespace=~"$namespace",tenant=~"$tenant"'

export interface PanelSpec {
  readonly title: string
  /** What it shows and how to read it: required. */
  readonly description: string
  /** Grafana's unit: `s`, `percentunit`, `cps` (a second), `short`, `bytes`, `dateTimeFromNow` … */
  readonly unit: string
  /** `graph` over time, `value` now, `bars` one a label now. */
  readonly as: 'graph' | 'stacked' | 'value' | 'bars'
  /** PromQL by legend. `@` in braces stands for the selectors of the dashboard's variables: `ringfence_parties{@}`. */
  readonly queries: Readonly<Record<string, string>>
  /** The alert whose runbook heading the panel links to. */
  readonly alert?: string
  /** Columns of 24; 8 unless said. */
  readonly width?: number
  /** Value from which it is orange, and from which red. */
  readonly thresholds?: readonly [orange: number, red: number]
  readonly max?: number
  /** Show traces on the graph where there are any. */
  readonly exemplars?: boolean
}

const HEIGHT = { graph: 8, stacked: 8, bars: 8, value: 4 } as const

/** A panel as the SDK builds it. */
export function panel(spec: PanelSpec) {
  const height = HEIGHT[spec.as]
  const width = spec.width ?? (spec.as === 'value' ? 4 : 8)
  const common = <P extends timeseries.PanelBuilder | stat.PanelBuilder | bargauge.PanelBuilder>(builder: P): P => {
    builder.title(spec.title).description(spec.description).unit(spec.unit).datasource(datasource)
    builder.height(height).span(width).min(0)
    if (spec.max !== undefined) builder.max(spec.max)
    builder.links(links(spec))
    builder.thresholds(thresholds(spec))
    for (const query of queries(spec)) builder.withTarget(query)
    return builder
  }
  if (spec.as === 'value')
    return common(new stat.PanelBuilder())
      .colorMode(BigValueColorMode.Value)
      .graphMode(BigValueGraphMode.Area)
      .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
  if (spec.as === 'bars')
    return common(new bargauge.PanelBuilder())
      .displayMode(BarGaugeDisplayMode.Basic)
      .orientation(VizOrientation.Horizontal)
      .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
  return graph(common(new timeseries.PanelBuilder()), spec)
}

function graph(builder: timeseries.PanelBuilder, { as, queries }: PanelSpec): timeseries.PanelBuilder {
  const many = Object.keys(queries).some(legend => legend.includes('{{'))
  builder
    .drawStyle(GraphDrawStyle.Line)
    .fillOpacity(as === 'stacked' ? 60 : 8)
    .lineWidth(1)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(many || Object.keys(queries).length > 1),
    )
  return as === 'stacked' ? builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal)) : builder
}

function links({ alert }: PanelSpec): DashboardLinkBuilder[] {
  if (alert === undefined) return []
  const url = `${RUNBOOK}#${alert.toLowerCase()}`
  return [new DashboardLinkBuilder(`Runbook: ${alert}`).type(DashboardLinkType.Link).url(url).targetBlank(true)]
}

function thresholds({ thresholds }: PanelSpec): ThresholdsConfigBuilder {
  const [orange, red] = thresholds ?? []
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([
      { value: null, color: 'green' },
      ...(orange === undefined ? [] : [{ value: orange, color: 'orange' }]),
      ...(red === undefined ? [] : [{ value: red, color: 'red' }]),
    ])
}

function queries({ queries, as, exemplars }: PanelSpec): DataqueryBuilder[] {
  return Object.entries(queries).map(([legend, expression], i) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode(65 + i))
      .expr(expression.replaceAll('{@', `{${SELECTOR}`))
      .legendFormat(legend)
      .datasource(datasource)
    if (exemplars === true) query.exemplar(true)
    return as === 'graph' || as === 'stacked' ? query.range() : query.instant()
  })
}
