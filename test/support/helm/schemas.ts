import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

/** The kinds that the chart may render, as kubernetes-json-schema names their files. */
const kinds = [
  'configmap-v1',
  'daemonset-apps-v1',
  'deployment-apps-v1',
  'horizontalpodautoscaler-autoscaling-v2',
  'networkpolicy-networking-v1',
  'persistentvolumeclaim-v1',
  'pod-v1',
  'poddisruptionbudget-policy-v1',
  'secret-v1',
  'service-v1',
  'serviceaccount-v1',
  'statefulset-apps-v1',
]

type Json = { [key: string]: unknown }
/** Files refer to the definitions by `/api/_definitions.json#/$defs/NAME`, these to each other by `#/$defs/NAME`. */
const reference = /#\/\$defs\/(.+)$/

/** Self-contained schemas of the built-in kinds: the definitions that each refers to are put inside it. */
export function writeKubernetesSchemas(from: string, to: string): void {
  const definitions = (read(join(from, '_definitions.json')) as { $defs: Json }).$defs
  for (const kind of kinds) {
    const schema = read(join(from, `${kind}.json`))
    const needed: Json = {}
    const take = (node: unknown): unknown =>
      walk(node, object => {
        const name = typeof object.$ref === 'string' ? reference.exec(object.$ref)?.[1] : undefined
        if (name === undefined) return object
        if (!(name in needed)) {
          needed[name] = true
          needed[name] = take(definitions[name])
        }
        return { ...object, $ref: `#/$defs/${name}` }
      })
    const { $id: _, ...whole } = take(schema) as Json
    write(to, kind, { ...whole, $defs: needed })
  }
}

interface CustomResourceDefinition {
  readonly kind: string
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly { readonly name: string; readonly schema?: { readonly openAPIV3Schema: Json } }[]
  }
}

/** Schemas of custom resources out of their definitions, closed as an API server's strict validation has them. */
export function writeCustomResourceSchemas(folder: string, to: string): void {
  for (const file of readdirSync(folder).filter(name => name.endsWith('.yaml'))) {
    for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8'))) {
      const definition = document.toJS() as CustomResourceDefinition | null
      if (definition?.kind !== 'CustomResourceDefinition') continue
      const { group, names, versions } = definition.spec
      for (const { name, schema } of versions) {
        if (schema === undefined) continue
        const kind = `${names.kind.toLowerCase()}-${group.split('.')[0]!}-${name}`
        write(to, kind, closed(schema.openAPIV3Schema) as Json)
      }
    }
  }
}

/** Fields that the definition does not name are refused, except where it keeps unknown ones. */
function closed(schema: unknown): unknown {
  return walk(schema, object => {
    const open =
      object['x-kubernetes-preserve-unknown-fields'] === true ||
      object['x-kubernetes-embedded-resource'] === true ||
      object.properties === undefined ||
      object.type !== 'object' ||
      object.additionalProperties !== undefined
    if (object['x-kubernetes-int-or-string'] === true) return { anyOf: [{ type: 'integer' }, { type: 'string' }] }
    if (open) return object
    const properties = object.properties as Json
    const whole = 'apiVersion' in properties && 'spec' in properties
    return {
      ...object,
      properties: whole ? { ...properties, metadata: { type: 'object' } } : properties,
      additionalProperties: false,
    }
  })
}

function walk(node: unknown, change: (object: Json) => Json): unknown {
  if (Array.isArray(node)) return node.map(each => walk(each, change))
  if (typeof node !== 'object' || node === null) return node
  const inner = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value, change)]))
  return change(inner)
}

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Json
const write = (folder: string, kind: string, schema: Json) =>
  writeFileSync(join(folder, `${kind}.json`), `${JSON.stringify(schema)}\n`)
