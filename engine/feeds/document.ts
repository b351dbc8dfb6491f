import type { Delta, Edition, FeedEntry } from './edition.ts'

/** The list in our own JSON: whole, or what changed since an edition that the reader has. */
export function document({ version, madeMs, expiresMs, entries }: Edition, delta: Delta | undefined): object {
  const head = {
    version,
    made: new Date(madeMs).toISOString(),
    expires: new Date(expiresMs).toISOString(),
  }
  if (delta === undefined) return { ...head, complete: true, entries: entries.map(plain) }
  return { ...head, complete: false, since: delta.since, entries: delta.changed.map(plain), removed: delta.removed }
}

function plain({ party, action, category, untilMs, source }: FeedEntry): object {
  return {
    party,
    action,
    ...(category === undefined ? {} : { category }),
    until: new Date(untilMs).toISOString(),
    source,
  }
}
