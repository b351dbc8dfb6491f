import { Kind, type Static, type TSchema, type TUnsafe, Type, TypeRegistry } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

/** The parts of a JSON Schema that configuration uses; TypeBox builds them, this room reads them. */
export interface SchemaNode extends TSchema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly const?: unknown
  readonly enum?: readonly string[]
  readonly additionalProperties?: boolean | SchemaNode | undefined
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly discriminator?: string
  readonly default?: unknown
  readonly description?: string
}

const VARIANTS = 'ringfence:variants'

TypeRegistry.Set<SchemaNode>(VARIANTS, (schema, value) => {
  const option = variantOf(schema, value)
  return option !== undefined && Value.Check(option, value)
})

/** One of several objects, told apart by a literal property: errors speak of the variant that was meant. */
export function variants<T extends readonly TSchema[]>(discriminator: string, options: T): TUnsafe<Static<T[number]>> {
  return Type.Unsafe<Static<T[number]>>({ [Kind]: VARIANTS, anyOf: options, discriminator })
}

/** The variant that a value means by its discriminator. */
export function variantOf(schema: SchemaNode, value: unknown): SchemaNode | undefined {
  const { discriminator, anyOf } = schema
  if (discriminator === undefined || typeof value !== 'object' || value === null) return undefined
  const chosen = (value as Record<string, unknown>)[discriminator]
  return anyOf?.find(option => literalOf(option, discriminator) === chosen)
}

/** The literal that a variant's discriminator must have. */
export function literalOf(variant: SchemaNode, discriminator: string): string {
  return String(variant.properties?.[discriminator]?.const)
}

/** `serve.maxConnections` as an environment variable: RINGFENCE_SERVE_MAX_CONNECTIONS. */
export function environmentName(path: readonly string[]): string {
  return ['RINGFENCE', ...path.map(part => part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase())].join('_')
}

export interface Leaf {
  readonly path: readonly string[]
  readonly schema: SchemaNode
}

/** Every scalar (and list of scalars) key that is reached through objects only: what an environment variable can set. */
export function leaves(schema: SchemaNode, path: readonly string[] = []): Leaf[] {
  if (schema.properties !== undefined)
    return Object.entries(schema.properties).flatMap(([key, child]) => leaves(child, [...path, key]))
  const scalar =
    schema.type === 'string' || schema.type === 'number' || schema.type === 'integer' || schema.type === 'boolean'
  const listOfScalars =
    schema.type === 'array' && schema.items?.properties === undefined && schema.items?.anyOf === undefined
  return scalar || listOfScalars ? [{ path, schema }] : []
}
