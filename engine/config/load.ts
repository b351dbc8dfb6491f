import type { Static, TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { nearest, RingfenceError } from '../errors/index.ts'
import { environmentName, leaves, literalOf, type SchemaNode, variantOf } from './schema.ts'

export interface ConfigSource {
  /** YAML text; empty for "all defaults". */
  readonly text: string
  /** Named in errors. */
  readonly file: string
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/**
 * Reads configuration: YAML, then environment overrides, then defaults, checked against the schema.
 * Every problem is one line `FILE:LINE: PATH: what is wrong, what would be valid`; all of them are reported at once.
 * @throws RingfenceError CONFIG_INVALID
 */
export function loadConfig<S extends TSchema>(schema: S, source: ConfigSource): Static<S> {
  const lines = new LineCounter()
  const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false })
  const problems = document.errors.map(error => `${source.file}:${lines.linePos(error.pos[0]).line}: ${error.message}`)
  const at: Locate = (node, path, problem) => {
    const offset = node?.range?.[0]
    const line = offset === undefined ? '' : `:${lines.linePos(offset).line}`
    problems.push(`${source.file}${line}: ${path.join('.') || 'configuration'}: ${problem}`)
  }
  if (problems.length === 0 && document.contents !== null) checkNode(schema, document.contents, [], at)
  const value: unknown = problems.length === 0 ? (document.toJS() ?? {}) : {}
  if (problems.length === 0) applyEnvironment(schema, value, source.environment ?? {}, problems)
  if (problems.length > 0) throw invalid(problems)
  const complete = fillDefaults(schema, value)
  // Environment values and cross-field constraints have no line: the schema has the last word.
  for (const error of Value.Errors(schema, complete))
    problems.push(`${source.file}: ${error.path.slice(1).replaceAll('/', '.')}: ${error.message}`)
  if (problems.length > 0) throw invalid(problems)
  return complete as Static<S>
}

type Locate = (node: Node | null, path: readonly string[], problem: string) => void

function invalid(problems: readonly string[]): RingfenceError {
  return new RingfenceError('CONFIG_INVALID', problems.join('\n'), {
    hint: 'docs/configuration.md lists every key; `ringfence check` validates a file',
  })
}

function checkNode(schema: SchemaNode, node: Node, path: readonly string[], at: Locate): void {
  if (schema.discriminator !== undefined) {
    checkVariant(schema, schema.discriminator, node, path, at)
    return
  }
  if (schema.type === 'object') checkMap(schema, node, path, at)
  else if (schema.type === 'array') {
    if (!isSeq(node)) {
      at(node, path, 'must be a list')
      return
    }
    node.items.forEach((item, i) => {
      if (schema.items !== undefined) checkNode(schema.items, item as Node, [...path, String(i)], at)
    })
  } else {
    const value: unknown = isScalar(node) ? node.value : Symbol('not a scalar')
    const error = Value.Errors(schema, value).First()
    if (error !== undefined) at(node, path, expected(schema, error.message))
  }
}

function checkMap(schema: SchemaNode, node: Node, path: readonly string[], at: Locate): void {
  if (!isMap(node)) {
    at(node, path, 'must be a map of keys')
    return
  }
  const known = schema.properties ?? {}
  const open = Object.values(schema.patternProperties ?? {})[0]
  for (const { key, value } of node.items) {
    const name = String(isScalar(key) ? key.value : key)
    const child = known[name] ?? open
    if (child === undefined) {
      const close = nearest(name, Object.keys(known))
      const hint = close === undefined ? `valid keys: ${Object.keys(known).join(', ')}` : `did you mean '${close}'?`
      at(key as Node, [...path, name], `unknown key; ${hint}`)
    } else if (value !== null) checkNode(child, value as Node, [...path, name], at)
  }
  for (const name of schema.required ?? []) {
    if (!node.has(name) && known[name]?.default === undefined && known[name]?.type !== 'object')
      at(
        node,
        [...path, name],
        `is missing${known[name]?.description === undefined ? '' : ` (${known[name].description})`}`,
      )
  }
}

function checkVariant(
  schema: SchemaNode,
  discriminator: string,
  node: Node,
  path: readonly string[],
  at: Locate,
): void {
  const options = schema.anyOf ?? []
  const names = options.map(option => literalOf(option, discriminator))
  if (!isMap(node)) {
    at(node, path, `must be a map with '${discriminator}': one of ${names.join(', ')}`)
    return
  }
  const chosen = String(node.get(discriminator) ?? '')
  const option = options[names.indexOf(chosen)]
  if (option === undefined) {
    const close = nearest(chosen, names)
    at(
      node,
      [...path, discriminator],
      `'${chosen}' is none of ${names.join(', ')}${close === undefined ? '' : `; did you mean '${close}'?`}`,
    )
    return
  }
  checkMap({ ...option, type: 'object' } as SchemaNode, node, path, at)
}

function expected(schema: SchemaNode, message: string): string {
  if (schema.enum !== undefined) return `must be one of ${schema.enum.join(', ')}`
  return schema.description === undefined ? message : `${message} (${schema.description})`
}

function applyEnvironment(
  schema: SchemaNode,
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): void {
  const known = new Map(leaves(schema).map(leaf => [environmentName(leaf.path), leaf]))
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('RINGFENCE_') || text === undefined || reserved.has(name)) continue
    const leaf = known.get(name)
    if (leaf === undefined) {
      const close = nearest(name, known.keys())
      problems.push(`environment ${name}: sets no key${close === undefined ? '' : `; did you mean ${close}?`}`)
      continue
    }
    const parsed = leaf.schema.type === 'array' ? text.split(',').map(part => part.trim()) : text
    const converted = Value.Convert(leaf.schema, parsed)
    const error = Value.Errors(leaf.schema, converted).First()
    if (error === undefined) setAt(value, leaf.path, converted)
    else problems.push(`environment ${name}: ${expected(leaf.schema, error.message)}`)
  }
}

/** Names with the prefix that are not configuration keys. */
const reserved = new Set(['RINGFENCE_CONFIG', 'RINGFENCE_SHARED', 'RINGFENCE_TFJS_NODE'])

function setAt(root: unknown, path: readonly string[], value: unknown): void {
  let node = root as Record<string, unknown>
  for (const key of path.slice(0, -1)) {
    node[key] ??= {}
    node = node[key] as Record<string, unknown>
  }
  node[path.at(-1)!] = value
}

/** Defaults, at every depth: an absent section is an empty one. */
function fillDefaults(schema: SchemaNode, value: unknown): unknown {
  const variant = variantOf(schema, value)
  if (variant !== undefined) return fillDefaults(variant, value)
  if (schema.type === 'array' && schema.items !== undefined) {
    const list = value ?? schema.default
    return Array.isArray(list) ? list.map(item => fillDefaults(schema.items!, item)) : list
  }
  if (schema.properties === undefined) return value === undefined || value === null ? schema.default : value
  if (value === undefined && schema.default === undefined && !(schema.required ?? []).length) return value
  const filled: Record<string, unknown> = {
    ...(isRecord(schema.default) ? schema.default : {}),
    ...(isRecord(value) ? value : {}),
  }
  for (const [key, child] of Object.entries(schema.properties)) {
    const optionalSection =
      !(schema.required ?? []).includes(key) && filled[key] === undefined && child.default === undefined
    if (optionalSection) continue
    const complete = fillDefaults(child, filled[key])
    if (complete !== undefined) filled[key] = complete
  }
  return filled
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
