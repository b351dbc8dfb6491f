import type { Static, TSchema } from '@sinclair/typebox'
import type { Problem } from './problem.ts'

/** Who may call: what a token or a client certificate stands for (docs/api.md has the table). */
export const roles = ['tap', 'switch', 'analyst', 'admin', 'regulator'] as const
export type Role = (typeof roles)[number]

/** What a route asks of its caller. */
export const permissions = ['decide', 'report', 'read', 'write', 'administer', 'feed'] as const
export type Permission = (typeof permissions)[number]

/**
 * decide: ask for decisions · report: give feedback · read: parties, verdicts, lists, packs, appeals, the audit trail ·
 * write: lists, appeals, analysts' feedback · administer: packs · feed: fetch blocklists.
 */
export const permissionsOf: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  tap: new Set(['report']),
  switch: new Set(['decide', 'report', 'feed']),
  analyst: new Set(['decide', 'report', 'read', 'write', 'feed']),
  admin: new Set(permissions),
  regulator: new Set(['read', 'feed']),
}

/** Who is calling, as its token or certificate says. */
export interface Principal {
  readonly name: string
  readonly role: Role
}

/** What a handler is given: everything validated against the route's schemas. */
export interface Call<P, Q, B> {
  readonly params: P
  readonly query: Q
  readonly body: B
  /** Nobody's on a public route. */
  readonly principal: Principal
  /** Request headers, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface Answer {
  readonly status: number
  /** An object is sent as JSON; text and bytes as they are (name the media type in `headers`). */
  readonly body?: object | string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

type StaticOf<S> = S extends TSchema ? Static<S> : Readonly<Record<string, never>>

/** One operation of the API. Its schemas validate requests, and make the OpenAPI document. */
export interface RouteSpec<
  P extends TSchema | undefined = undefined,
  Q extends TSchema | undefined = undefined,
  B extends TSchema | undefined = undefined,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With parameters in braces: `/v1/parties/{id}`. */
  readonly path: string
  /** `public` needs no token. */
  readonly access: Permission | 'public'
  /** Fewer calls a second than a decision may have: everything but decisions. */
  readonly summary: string
  readonly about?: string
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** By status: a schema for JSON, or the media type of what is sent otherwise. */
  readonly answers: Readonly<
    Record<number, { readonly says: string; readonly schema?: TSchema; readonly type?: string }>
  >
  handle(call: Call<StaticOf<P>, StaticOf<Q>, StaticOf<B>>): Answer | Problem | Promise<Answer | Problem>
}

/** A route whose handler's types are settled. */
export type Route = RouteSpec<TSchema | undefined, TSchema | undefined, TSchema | undefined>

/** Routes of one concern: a file under routes/ exports a function from what they need to their group. */
export interface RouteGroup {
  readonly tag: string
  readonly about: string
  readonly routes: readonly Route[]
}

/** Declares a route; its handler sees the types of its schemas. */
export function route<
  P extends TSchema | undefined = undefined,
  Q extends TSchema | undefined = undefined,
  B extends TSchema | undefined = undefined,
>(spec: RouteSpec<P, Q, B>): Route {
  // The mount validates what it hands over against the same schemas, so the wider handler type holds at run time.
  return spec as unknown as Route
}
