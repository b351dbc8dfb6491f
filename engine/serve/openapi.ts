import type { TSchema } from '@sinclair/typebox'
import { ProblemDetails } from './problem.ts'
import { permissionsOf, type Route, type RouteGroup, roles } from './route.ts'

type Json = Record<string, unknown>

/**
 * The OpenAPI 3.1 document of the routes, out of the schemas that validate their requests. Schemas with an `$id` become
 * components; OpenAPI 3.1 takes JSON Schema as it is.
 */
export function openApiDocument(groups: readonly RouteGroup[], version: string): Json {
  const components = new Map<string, Json>()
  const refer = (schema: unknown): unknown => {
    if (Array.isArray(schema)) return schema.map(refer)
    if (typeof schema !== 'object' || schema === null) return schema
    const { $id, ...rest } = schema as Json
    const inner = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, refer(value)]))
    if (typeof $id !== 'string') return inner
    components.set($id, inner)
    return { $ref: `#/components/schemas/${$id}` }
  }
  const problems = { 'application/problem+json': { schema: refer(ProblemDetails) } }
  const paths: Record<string, Record<string, Json>> = {}
  for (const { tag, routes } of groups) {
    for (const route of routes) {
      paths[route.path] ??= {}
      paths[route.path]![route.method.toLowerCase()] = operation(route, tag, refer, problems)
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ringfence',
      version,
      description: 'Decisions on calls and messages, and the standing, lists, packs and appeals behind them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: groups.map(({ tag, about }) => ({ name: tag, description: about })),
    paths,
    components: {
      schemas: Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An opaque token; configuration holds its SHA-256.' },
        certificate: { type: 'mutualTLS', description: "A client certificate of the operator's own authority." },
      },
    },
  }
}

function operation(route: Route, tag: string, refer: (schema: unknown) => unknown, problems: Json): Json {
  const { access } = route
  const isPublic = access === 'public'
  const may = isPublic ? [] : roles.filter(role => permissionsOf[role].has(access))
  return {
    operationId: operationId(route),
    tags: [tag],
    summary: route.summary,
    ...(route.about === undefined ? {} : { description: route.about }),
    ...(isPublic ? { security: [] } : { security: [{ token: [] }, { certificate: [] }], 'x-roles': may }),
    parameters: [...parameters(route.params, 'path', refer), ...parameters(route.query, 'query', refer)],
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: refer(route.body) } } } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, { says, schema, type }]) => [
          status,
          {
            description: says,
            ...(schema === undefined && type === undefined
              ? {}
              : { content: { [type ?? 'application/json']: schema === undefined ? {} : { schema: refer(schema) } } }),
          },
        ]),
      ),
      default: { description: 'Refused: problem details (RFC 9457).', content: problems },
    },
  }
}

function operationId({ method, path }: Route): string {
  const words = path
    .replace('/v1/', '')
    .split(/[/{}.-]+/)
    .filter(word => word !== '')
  return method.toLowerCase() + words.map(word => word[0]!.toUpperCase() + word.slice(1)).join('')
}

function parameters(schema: TSchema | undefined, place: 'path' | 'query', refer: (schema: unknown) => unknown): Json[] {
  const properties: Readonly<Record<string, TSchema>> = schema?.properties ?? {}
  const required: readonly string[] = schema?.required ?? []
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: refer(rest),
  }))
}
