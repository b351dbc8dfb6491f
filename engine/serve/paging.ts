import { type TSchema, Type } from '@sinclair/typebox'

/** Query parameters of every list of things. */
export const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'at most so many; 50 unless said' })),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 4096, pattern: '^[0-9:,]+$', description: '`next` of the page before' }),
  ),
}

export const DEFAULT_LIMIT = 50

/** A page: its items, and where the next one begins. */
export function pageOf<S extends TSchema>(item: S) {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Optional(
      Type.String({
        description: 'cursor of the next page; absent on the last. A page may be short and have a next one',
      }),
    ),
  })
}

/** Body of a page. */
export function page<T>(items: readonly T[], next: string | undefined) {
  return { items, ...(next === undefined ? {} : { next }) }
}
