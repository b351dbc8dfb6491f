import { permissions, permissionsOf, type Route, type RouteGroup, roles } from './route.ts'

/** Where the generated part of docs/api.md begins. */
export const API_BEGIN = '<!-- generated from the routes by `npm run docs`; what is below is overwritten -->\n'

/** The reference of the API in Markdown: roles, and every operation with its parameters, body and answers. */
export function apiDocument(groups: readonly RouteGroup[]): string {
  const rows = roles.map(
    role => `| \`${role}\` | ${permissions.map(each => (permissionsOf[role].has(each) ? 'yes' : '')).join(' | ')} |`,
  )
  return [
    API_BEGIN,
    '## Roles\n',
    `| role | ${permissions.join(' | ')} |`,
    `|---|${permissions.map(() => '---').join('|')}|`,
    ...rows,
    '',
    ...groups.flatMap(({ tag, about, routes }) => [`## ${tag}\n`, `${about}\n`, ...routes.flatMap(describe)]),
  ].join('\n')
}

interface Field {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly description?: string
  readonly default?: unknown
}

function describe(route: Route): string[] {
  const { method, path, access, summary, about, params, query, body, answers } = route
  const rows = [
    ...fields(params, 'path'),
    ...fields(query, 'query'),
    ...fields(body, 'body'),
    ...Object.entries(answers).map(([status, { says }]) => `| ${status} | answer | | ${says} |`),
  ]
  return [
    `### \`${method} ${path}\`\n`,
    `${summary}. ${access === 'public' ? 'Needs no token.' : `Needs the right to \`${access}\`.`}${about === undefined ? '' : ` ${about}`}\n`,
    '| name | in | type | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ]
}

function fields(schema: Route['params'], place: string): string[] {
  const properties: Readonly<Record<string, Field>> = schema?.properties ?? {}
  const required: readonly string[] = schema?.required ?? []
  return Object.entries(properties).map(([name, field]) => {
    const type = field.enum?.map(value => `\`${value}\``).join(', ') ?? field.type ?? 'any'
    const fallback = field.default === undefined ? '' : ` Default \`${String(field.default)}\`.`
    const must = required.includes(name) && field.default === undefined ? ' Required.' : ''
    return `| \`${name}\` | ${place} | ${type} | ${(field.description ?? '').replaceAll('|', '\\|')}${must}${fallback} |`
  })
}
