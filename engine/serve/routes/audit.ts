import { Type } from '@sinclair/typebox'
import { AuditEntry, type AuditTrail } from '../audit.ts'
import { DEFAULT_LIMIT, page, pageOf, paging } from '../paging.ts'
import { problem } from '../problem.ts'
import { type RouteGroup, route } from '../route.ts'

/** `/v1/audit`: every change that was made through this process. */
export function auditRoutes({ audit }: { readonly audit: AuditTrail }): RouteGroup {
  return {
    tag: 'audit',
    about: 'Who changed what, in a chain of hashes.',
    routes: [
      route({
        method: 'GET',
        path: '/v1/audit',
        access: 'read',
        summary: 'Changes made through this process, newest first',
        query: Type.Object({ ...paging }, { additionalProperties: false }),
        answers: { 200: { says: 'A page of the audit trail.', schema: pageOf(AuditEntry) } },
        handle({ query: { limit = DEFAULT_LIMIT, cursor } }) {
          if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) return problem(400, 'the cursor is none of ours')
          const items = audit.page(limit, cursor === undefined ? undefined : Number(cursor))
          const last = items.at(-1)?.seq ?? 1
          return { status: 200, body: page(items, items.length === limit && last > 1 ? String(last) : undefined) }
        },
      }),
    ],
  }
}
