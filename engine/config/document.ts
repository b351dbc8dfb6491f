import { environmentName, literalOf, type SchemaNode } from './schema.ts'

/** The configuration reference in Markdown, from the schema that validates it: one table a section. */
export function documentConfig(schema: SchemaNode): string {
  const sections: string[] = []
  describeObject(schema, [], sections)
  return sections.join('\n')
}

function describeObject(schema: SchemaNode, path: readonly string[], sections: string[], heading?: string): void {
  const rows: string[] = []
  const below: (() => void)[] = []
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    const here = [...path, key]
    if (child.properties !== undefined) below.push(() => describeObject(child, here, sections))
    else if (child.items?.discriminator !== undefined)
      below.push(() => describeVariants(child.items!, [...path, `${key}[]`], sections))
    else if (child.items?.properties !== undefined)
      below.push(() => describeObject(child.items!, [...path, `${key}[]`], sections))
    if (child.properties === undefined) rows.push(row(key, child, path))
  }
  const title = heading ?? (path.length === 0 ? 'Top level' : `\`${path.join('.')}\``)
  if (rows.length > 0) {
    sections.push(`## ${title}\n`)
    if (schema.description !== undefined) sections.push(`${schema.description}\n`)
    sections.push('| key | type | default | meaning | environment |', '|---|---|---|---|---|', ...rows, '')
  }
  for (const describe of below) describe()
}

function describeVariants(schema: SchemaNode, path: readonly string[], sections: string[]): void {
  for (const option of schema.anyOf ?? []) {
    const name = literalOf(option, schema.discriminator!)
    describeObject(option, path, sections, `\`${path.join('.')}\` with \`${schema.discriminator}: ${name}\``)
  }
}

function row(key: string, schema: SchemaNode, path: readonly string[]): string {
  const settable = path.every(part => !part.endsWith('[]')) && typeOf(schema) !== 'list of maps'
  const standard = schema.default === undefined ? '–' : `\`${JSON.stringify(schema.default)}\``
  const environment = settable ? `\`${environmentName([...path, key])}\`` : '–'
  return `| \`${key}\` | ${typeOf(schema)} | ${standard} | ${cell(schema.description ?? '')} | ${environment} |`
}

function typeOf(schema: SchemaNode): string {
  if (schema.enum !== undefined) return schema.enum.map(value => `\`${value}\``).join(' or ')
  if (schema.const !== undefined) return `\`${String(schema.const)}\``
  if (schema.type === 'array')
    return schema.items?.properties === undefined && schema.items?.anyOf === undefined ? 'list' : 'list of maps'
  return schema.type ?? 'any'
}

const cell = (text: string) => text.replaceAll('|', '\\|')
