import { dashboard } from './dashboard.ts'
import { decisions } from './decisions.ts'
import { engine } from './engine.ts'
import { overview } from './overview.ts'
import { quality } from './quality.ts'
import { study } from './study.ts'
import { taps } from './taps.ts'

/** Every dashboard by its name, as the JSON that Grafana loads. */
export function dashboards(): ReadonlyMap<string, object> {
  return new Map([overview, taps, engine, quality, decisions, study].map(spec => [spec.name, dashboard(spec)]))
}
