import { Type } from '@sinclair/typebox'
import { partyOf } from '../../decide/index.ts'
import type { Desk } from '../../desk/index.ts'
import type { Identity } from '../../identity/index.ts'
import { type ListKind, readList } from '../../lists/index.ts'
import type { Pack } from '../../rules/index.ts'
import type { AuditTrail } from '../audit.ts'
import { DEFAULT_LIMIT, page, pageOf, paging } from '../paging.ts'
import { problem } from '../problem.ts'
import { type RouteGroup, route } from '../route.ts'

/** One record of the control topic holds them all: some 700 kB, below a broker's usual limit of a megabyte. */
const MAX_ENTRIES = 20_000

const ListSummary = Type.Object(
  {
    name: Type.String(),
    kind: Type.String({ description: 'numbers, ranges, prefixes, addresses, agents, senders' }),
    effect: Type.String({ description: 'what membership does beyond rules: none, allow, emergency, trusted' }),
    size: Type.Integer({ description: 'entries of files and of run time' }),
    added: Type.Integer({ description: 'entries given at run time' }),
    changed: Type.Optional(Type.Object({ time: Type.Integer(), by: Type.Optional(Type.String()) })),
  },
  { $id: 'List' },
)

const Entry = Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\r\\n#,]+$' })

const params = Type.Object({ name: Type.String({ minLength: 1, maxLength: 64 }) })

export interface ListRoutes {
  readonly desk: Desk
  readonly identity: Identity
  readonly audit: AuditTrail
  readonly pack: () => Pack
}

/** `/v1/lists`: allow and deny lists, and the entries they were given at run time. */
export function listRoutes({ desk, identity, audit, pack }: ListRoutes): RouteGroup {
  const kindOf = (name: string) => pack().lists.kind(name)

  /** An entry as the list keeps it: numbers are read as parties are. */
  const settled = (kind: ListKind, entry: string) => (kind === 'numbers' ? partyOf(identity, entry) : entry.trim())

  return {
    tag: 'lists',
    about: 'Lists of the packs, extended at run time without touching their files.',
    routes: [
      route({
        method: 'GET',
        path: '/v1/lists',
        access: 'read',
        summary: 'All lists',
        answers: { 200: { says: 'Every list of the packs in force.', schema: Type.Array(ListSummary) } },
        handle: () => ({ status: 200, body: pack().lists.names.map(name => summaryOf(name, pack(), desk)) }),
      }),
      route({
        method: 'GET',
        path: '/v1/lists/{name}',
        access: 'read',
        summary: 'Entries that a list was given at run time',
        params,
        query: Type.Object(
          {
            has: Type.Optional(
              Type.String({
                minLength: 1,
                maxLength: 512,
                description: 'only tell whether it holds this, from files too',
              }),
            ),
            ...paging,
          },
          { additionalProperties: false },
        ),
        answers: {
          200: {
            says: 'A page of entries, or whether one is there. ETag is the version of the list.',
            schema: Type.Union([pageOf(Type.String()), Type.Object({ listed: Type.Boolean(), added: Type.Boolean() })]),
          },
        },
        handle({ params: { name }, query: { has, limit = DEFAULT_LIMIT, cursor } }) {
          const kind = kindOf(name)
          if (kind === undefined) return problem(404, 'no list has this name')
          const known = desk.list(name)
          const entries = known?.entries ?? []
          const headers = { etag: `"${known?.version ?? '0'}"` }
          if (has !== undefined) {
            const value = settled(kind, has)
            return {
              status: 200,
              headers,
              body: { listed: pack().lists.has(name, value), added: entries.includes(value) },
            }
          }
          if (cursor !== undefined && !/^\d{1,9}$/.test(cursor)) return problem(400, 'the cursor is none of ours')
          const from = Number(cursor ?? 0)
          const next = from + limit < entries.length ? String(from + limit) : undefined
          return { status: 200, headers, body: page(entries.slice(from, from + limit), next) }
        },
      }),
      route({
        method: 'POST',
        path: '/v1/lists/{name}',
        access: 'write',
        summary: 'Add and remove entries',
        about:
          'The answer comes when the change is durable; it is in force in every process within moments. ' +
          'Entries of files are removed by editing the pack. With If-Match the change is refused (412) if somebody was faster.',
        params,
        body: Type.Object(
          {
            add: Type.Optional(Type.Array(Entry, { maxItems: 1_000 })),
            remove: Type.Optional(Type.Array(Entry, { maxItems: 1_000 })),
            reason: Type.String({ minLength: 1, maxLength: 1_000, description: 'why; kept in the audit trail' }),
          },
          { additionalProperties: false, $id: 'ListChange' },
        ),
        answers: {
          200: {
            says: 'What has changed.',
            schema: Type.Object({
              added: Type.Array(Type.String()),
              removed: Type.Array(Type.String()),
              remaining: Type.Array(Type.String(), { description: 'asked to be removed, but named by a file' }),
              entries: Type.Integer(),
            }),
          },
        },
        handle: ({ params: { name }, body, principal, headers }) =>
          desk.alone(async () => {
            const kind = kindOf(name)
            if (kind === undefined) return problem(404, 'no list has this name')
            const known = desk.list(name)
            const expected = headers['if-match']
            if (expected !== undefined && expected !== `"${known?.version ?? '0'}"`)
              return problem(412, 'the list was changed meanwhile')
            const asked = (body.add ?? []).map(entry => settled(kind, entry))
            const [wrong] = readList({ kind, bytes: Buffer.from(asked.join('\n')) }).problems
            if (wrong !== undefined) return problem(422, `${wrong.message}; ${wrong.hint}`)
            const before = new Set(known?.entries)
            const removed = (body.remove ?? []).map(entry => settled(kind, entry)).filter(entry => before.has(entry))
            const after = new Set([...before].filter(entry => !removed.includes(entry)))
            const added = asked.filter(entry => !after.has(entry))
            for (const entry of added) after.add(entry)
            if (after.size > MAX_ENTRIES)
              return problem(
                422,
                `a list takes ${MAX_ENTRIES} entries at run time; longer ones belong in a file of the pack`,
              )
            await audit.record({
              who: principal.name,
              role: principal.role,
              what: 'list.change',
              subject: name,
              detail: { added, removed, reason: body.reason },
            })
            if (added.length + removed.length > 0) await desk.setList(name, [...after], principal.name)
            const remaining = (body.remove ?? [])
              .map(entry => settled(kind, entry))
              .filter(entry => !removed.includes(entry) && pack().lists.has(name, entry))
            return { status: 200, body: { added, removed, remaining, entries: after.size } }
          }),
      }),
    ],
  }
}

function summaryOf(name: string, { lists, effects }: Pack, desk: Desk) {
  const known = desk.list(name)
  return {
    name,
    kind: lists.kind(name) ?? 'numbers',
    effect: effects.get(name) ?? 'none',
    size: lists.sets(name).reduce((sum, set) => sum + set.size, 0),
    added: known?.entries.length ?? 0,
    ...(known === undefined
      ? {}
      : { changed: { time: known.timeMs, ...(known.by === undefined ? {} : { by: known.by }) } }),
  }
}
