import { dashboards } from '../../../helm/dashboards/index.ts'

/** A dashboard as Grafana loads it, as far as tests look into it. */
export interface Board {
  readonly title: string
  readonly uid: string
  readonly description: string
  readonly editable: boolean
  readonly refresh: string
  readonly time: { readonly from: string; readonly to: string }
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
  readonly links: readonly { readonly url?: string; readonly title: string }[]
}

export interface Panel {
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly datasource?: { readonly uid: string }
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } }
  readonly links?: readonly { readonly url: string; readonly title: string }[]
  readonly targets?: readonly Target[]
  readonly panels?: readonly Panel[]
}

export interface Target {
  readonly refId: string
  readonly expr: string
  readonly legendFormat: string
  readonly datasource: { readonly uid: string }
}

export interface Variable {
  readonly name: string
  readonly type: string
  readonly label: string
  readonly query: string
  readonly refresh?: number
  readonly multi?: boolean
  readonly includeAll?: boolean
  readonly allValue?: string
  readonly datasource?: { readonly uid: string }
}

export const boards: ReadonlyMap<string, Board> = dashboards() as ReadonlyMap<string, Board>

/** Panels of a dashboard, those inside rows too, rows themselves aside. */
export function panelsOf(board: Board): Panel[] {
  return board.panels.flatMap(panel => (panel.type === 'row' ? (panel.panels ?? []) : [panel]))
}

export interface Query {
  readonly board: string
  readonly panel: string
  readonly expr: string
}

/** Every query with Grafana's variables filled in: all of everything, the given ranges. */
export function queriesOf(rateInterval: string, range: string): Query[] {
  return [...boards].flatMap(([board, each]) =>
    panelsOf(each).flatMap(panel =>
      (panel.targets ?? []).map(({ expr }) => ({ board, panel: panel.title, expr: filled(expr, rateInterval, range) })),
    ),
  )
}

function filled(expr: string, rateInterval: string, range: string): string {
  return expr
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$__range', range)
    .replaceAll(/\$(job|instance)\b/g, '.+')
    .replaceAll(/\$(namespace|tenant|tap|route)\b/g, '.*')
}
