import { configSchema } from '../../cli/config.ts'
import { dashboards } from '../dashboards/index.ts'
import { chartReadme } from './readme.ts'
import { chartTopics } from './topics.ts'
import { valuesSchema } from './values-schema.ts'

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** Files of the chart that follow from the code, by their path under helm/ringfence. `npm run docs` writes them. */
export function generatedChartFiles(valuesYaml: string): ReadonlyMap<string, string> {
  return new Map([
    ['values.schema.json', json(valuesSchema(valuesYaml, configSchema))],
    ['README.md', chartReadme(valuesYaml)],
    ['files/topics.json', json(chartTopics())],
    ...[...dashboards()].map(([name, board]): [string, string] => [`dashboards/${name}.json`, json(board)]),
  ])
}
