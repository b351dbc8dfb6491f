import type { Registry } from 'prom-client'

export const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

interface Exemplar {
  readonly labelSet: Readonly<Record<string, string>>
  readonly value: number
  readonly timestamp: number
}

interface Value {
  readonly metricName?: string
  readonly value: number
  readonly labels: Readonly<Record<string, string | number>>
  readonly exemplar?: Exemplar | null
}

/**
 * The registry in OpenMetrics' text format, which alone carries exemplars. Written here because prom-client's own switch
 * of the format renames counters for good, and one page must serve both formats.
 */
export async function openMetrics(registry: Registry): Promise<string> {
  const lines: string[] = []
  for (const metric of await registry.getMetricsAsJSON()) {
    const type = String(metric.type)
    // A counter's family has the name without _total; its samples keep it.
    const family = type === 'counter' ? metric.name.replace(/_total$/, '') : metric.name
    lines.push(`# HELP ${family} ${escaped(metric.help)}`, `# TYPE ${family} ${type}`)
    for (const value of metric.values as unknown as readonly Value[]) lines.push(line(metric.name, value))
  }
  return `${lines.join('\n')}\n# EOF\n`
}

function line(name: string, { metricName = name, labels, value, exemplar }: Value): string {
  const shown = `${metricName}${labelsOf(labels)} ${number(value)}`
  if (exemplar === undefined || exemplar === null) return shown
  return `${shown} # ${labelsOf(exemplar.labelSet) || '{}'} ${number(exemplar.value)} ${exemplar.timestamp}`
}

function labelsOf(labels: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${escaped(String(value)).replaceAll('"', '\\"')}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
const number = (value: number) => (value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value))
