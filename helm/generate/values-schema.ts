import { parse } from 'yaml'
import type { SchemaNode } from '../../engine/config/index.ts'

/** JSON Schema (draft 7, which Helm reads). */
export type JsonSchema = { [key: string]: unknown }

/**
 * values.schema.json: `config` is the schema that validates Ringfence's own configuration, everything else follows from
 * values.yaml (each key's type is that of its default), narrowed where a closed list or a pattern says more. Unknown keys
 * are refused at every depth.
 */
export function valuesSchema(valuesYaml: string, config: SchemaNode): JsonSchema {
  const values = parse(valuesYaml) as Record<string, unknown>
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the Ringfence chart',
    ...schemaOf(values, '', configuration(config)),
  }
}

const anything: JsonSchema = {}
const map: JsonSchema = { type: 'object' }
const strings: JsonSchema = { type: 'object', additionalProperties: { type: 'string' } }
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
const oneOf = (...values: string[]): JsonSchema => ({ enum: values })
/** A Kubernetes quantity; unquoted numbers are numbers in YAML. */
const quantity: JsonSchema = { type: ['string', 'number'], pattern: '^[0-9.]+([eE][0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$' }
const resources: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    requests: { type: 'object', additionalProperties: quantity },
    limits: { type: 'object', additionalProperties: quantity },
    claims: list(map),
  },
}
const folderName = '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$'

/** What a default does not say, by the last part or parts of the key's path. */
const narrower: readonly (readonly [path: RegExp, schema: JsonSchema])[] = [
  [/^mode$/, oneOf('standalone', 'distributed')],
  [/^study\.span$/, oneOf('month', 'week', 'day')],
  [/^study\.language$/, oneOf('en', 'fr')],
  [/^image\.digest$/, { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' }],
  [/^image\.pullPolicy$/, oneOf('Always', 'IfNotPresent', 'Never')],
  [/^image\.pullSecrets$/, list({ type: 'string' })],
  [/^kafka\.brokers$/, list({ type: 'string', pattern: '^[^ ]+:[0-9]{1,5}$' })],
  [/^kafka\.sasl\.mechanism$/, oneOf('none', 'plain', 'scram-sha-256', 'scram-sha-512')],
  [/^tap\.kind$/, oneOf('Deployment', 'DaemonSet')],
  [/ervice\.type$/, oneOf('ClusterIP', 'NodePort', 'LoadBalancer')],
  [/externalTrafficPolicy$/, oneOf('Local', 'Cluster')],
  [/^packs$/, { type: 'object', propertyNames: { pattern: folderName }, additionalProperties: strings }],
  [/^secretMounts$/, { ...strings, propertyNames: { pattern: folderName } }],
  [/^builtinPacks$/, list({ type: 'string' })],
  [/\.resources$/, resources],
  [/maxUnavailable$/, { type: ['integer', 'string'] }],
  [/(Size|persistence\.size)$/, quantity],
  [/(nodeSelector|[aA]nnotations|commonLabels|\.labels|instanceSelector)$/, strings],
  [/affinity$/, map],
  [/(tolerations|topologySpreadConstraints|httpFrom|networkPolicy\.egress)$/, list(map)],
  [/(tapFrom|loadBalancerSourceRanges|disabled)$/, list({ type: 'string' })],
  [/kafkaPorts$/, list({ type: 'integer', minimum: 1, maximum: 65_535 })],
  [/monitoring\.runbookUrl$/, { type: 'string', pattern: '^(https?://.*)?$' }],
  [/monitoring\.interval$/, { type: 'string', pattern: '^[0-9]+(ms|s|m)$' }],
]

function schemaOf(value: unknown, path: string, config: JsonSchema): JsonSchema {
  if (path === 'config') return config
  const known = narrower.find(([pattern]) => pattern.test(path))
  if (known !== undefined) return known[1]
  if (Array.isArray(value)) return list(anything)
  if (typeof value === 'object' && value !== null) {
    const properties: JsonSchema = {}
    for (const [key, child] of Object.entries(value))
      properties[key] = schemaOf(child, path === '' ? key : `${path}.${key}`, config)
    // Helm itself adds `global` for subcharts.
    if (path === '') properties.global = map
    return { type: 'object', additionalProperties: false, properties }
  }
  if (typeof value === 'number') return { type: 'integer', minimum: 0 }
  return { type: typeof value }
}

/** The configuration's own schema without what defaults fill in, closed, and with variants as `if`/`then`. */
function configuration(node: SchemaNode): JsonSchema {
  if (node.discriminator !== undefined) return variants(node, node.discriminator)
  const { properties, items, patternProperties, anyOf, required: _, additionalProperties, ...rest } = node
  const plain: JsonSchema = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'default'))
  if (properties !== undefined) {
    plain.properties = Object.fromEntries(Object.entries(properties).map(([key, child]) => [key, configuration(child)]))
    if (patternProperties === undefined && additionalProperties === undefined) plain.additionalProperties = false
  }
  if (patternProperties !== undefined)
    plain.patternProperties = Object.fromEntries(
      Object.entries(patternProperties).map(([key, child]) => [key, configuration(child)]),
    )
  if (typeof additionalProperties === 'object') plain.additionalProperties = configuration(additionalProperties)
  else if (additionalProperties !== undefined) plain.additionalProperties = additionalProperties
  if (items !== undefined) plain.items = configuration(items)
  if (anyOf !== undefined) plain.anyOf = anyOf.map(configuration)
  return plain
}

/** So that a mistake in one kind of tap is told as such, not as "none of ten". */
function variants(node: SchemaNode, discriminator: string): JsonSchema {
  const options = (node.anyOf ?? []).map(option => ({
    name: String(option.properties?.[discriminator]?.const),
    schema: configuration(option),
  }))
  return {
    type: 'object',
    required: [discriminator, 'name'],
    properties: { [discriminator]: { enum: options.map(({ name }) => name) } },
    allOf: options.map(({ name, schema }) => ({
      if: { properties: { [discriminator]: { const: name } }, required: [discriminator] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's keyword.
      then: schema,
    })),
  }
}
