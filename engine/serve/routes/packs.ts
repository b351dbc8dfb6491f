import { Type } from '@sinclair/typebox'
import type { Desk } from '../../desk/index.ts'
import type { Pack } from '../../rules/index.ts'
import type { AuditTrail } from '../audit.ts'
import { type RouteGroup, route } from '../route.ts'

const PackSummary = Type.Object(
  {
    version: Type.String({ description: 'name, version and digest of each layer' }),
    layers: Type.Array(Type.String()),
    timezone: Type.String(),
    thresholds: Type.Record(Type.String(), Type.Number(), { description: 'score from which each action is asked for' }),
    groups: Type.Record(Type.String(), Type.Number(), { description: 'the most that a group of symbols adds' }),
    categories: Type.Array(
      Type.Object({ name: Type.String(), says: Type.Object({ en: Type.String(), fr: Type.String() }) }),
    ),
    symbols: Type.Integer(),
    off: Type.Array(Type.String()),
  },
  { $id: 'Pack', description: 'The pack in force.' },
)

const SymbolSummary = Type.Object(
  {
    symbol: Type.String(),
    kind: Type.String({ description: 'rule, composite or model' }),
    score: Type.Number(),
    state: Type.String(),
    group: Type.Optional(Type.String()),
    category: Type.Optional(Type.String()),
    says: Type.Object({ en: Type.String(), fr: Type.String() }),
    when: Type.Optional(Type.String({ description: 'its condition' })),
  },
  { $id: 'Symbol' },
)

export interface PackRoutes {
  /** The pack in force. */
  readonly pack: () => Pack
  readonly desk: Desk
  readonly audit: AuditTrail
}

/** `/v1/packs`: what judges, and by which thresholds. */
export function packRoutes({ pack, desk, audit }: PackRoutes): RouteGroup {
  return {
    tag: 'packs',
    about: 'The rules, lists and thresholds in force.',
    routes: [
      route({
        method: 'GET',
        path: '/v1/packs',
        access: 'read',
        summary: 'The pack in force',
        answers: { 200: { says: 'Its version, thresholds and categories.', schema: PackSummary } },
        handle: () => ({ status: 200, body: summaryOf(pack()) }),
      }),
      route({
        method: 'GET',
        path: '/v1/packs/symbols',
        access: 'read',
        summary: 'Every symbol of the pack in force',
        answers: { 200: { says: 'Rules, composites and models.', schema: Type.Array(SymbolSummary) } },
        handle: () => ({ status: 200, body: symbolsOf(pack()) }),
      }),
      route({
        method: 'POST',
        path: '/v1/packs/reload',
        access: 'administer',
        summary: 'Have every process load its packs again',
        about:
          'A pack that does not compile is refused where it does not: /metrics and the log say so, the one before stays.',
        answers: { 202: { says: 'Asked for.', schema: Type.Object({ version: Type.String() }) } },
        async handle({ principal }) {
          await audit.record({
            who: principal.name,
            role: principal.role,
            what: 'pack.reload',
            subject: 'packs',
            detail: {},
          })
          await desk.reloadPacks(principal.name)
          return { status: 202, body: { version: pack().version } }
        },
      }),
    ],
  }
}

function summaryOf(pack: Pack) {
  return {
    version: pack.version,
    layers: pack.layers,
    timezone: pack.timezone,
    thresholds: pack.thresholds,
    groups: Object.fromEntries(pack.groups),
    categories: [...pack.categories.values()],
    symbols: pack.rules.length + pack.composites.length + pack.models.length,
    off: pack.off,
  }
}

function symbolsOf(pack: Pack) {
  const specs = [
    ...pack.rules.map(spec => ({ kind: 'rule', spec, when: spec.when })),
    ...pack.composites.map(spec => ({ kind: 'composite', spec, when: spec.when })),
    ...pack.models.map(spec => ({ kind: 'model', spec, when: undefined })),
  ]
  return specs.map(({ kind, spec: { symbol, score, state, group, category, says }, when }) => ({
    symbol,
    kind,
    score,
    state,
    ...(group === undefined ? {} : { group }),
    ...(category === undefined ? {} : { category }),
    says,
    ...(when === undefined ? {} : { when }),
  }))
}
