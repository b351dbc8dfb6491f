import { type Static, Type } from '@sinclair/typebox'
import { Action, type Campaign, severityOf, type Verdict } from '../activity/index.ts'
import { FINGERPRINT_VALUES, type Fingerprint, fingerprintOf, resembles } from '../content/index.ts'

/** A campaign over all partitions. */
export const NetworkCampaign = Type.Object(
  {
    id: Type.String({ description: 'the one seen first; `ids` has all under which verdicts name it' }),
    ids: Type.Array(Type.String()),
    origins: Type.Integer({ description: 'parties that took part; in two variants, twice' }),
    messages: Type.Integer({ description: 'messages or, of a call campaign, calls' }),
    targetsAtMost: Type.Integer({ description: 'parties it went to; one that several partitions saw counts in each' }),
    partitions: Type.Integer({ description: 'partitions of the log that saw it' }),
    firstSeen: Type.Integer({ description: 'milliseconds since 1970' }),
    lastSeen: Type.Integer({ description: 'milliseconds since 1970, of its newest verdict' }),
    action: Action,
    category: Type.Optional(Type.String()),
    sample: Type.Optional(Type.String()),
  },
  { $id: 'NetworkCampaign' },
)
export type NetworkCampaign = Static<typeof NetworkCampaign>

/**
 * What verdicts say of campaigns, put together. Each partition counts a campaign by itself, so that judging stays the same
 * whoever runs beside it. An id comes from the text that began the campaign there, and variants of one text may begin it
 * elsewhere: what bears another id is of the same campaign when the samples resemble each other as the engine asks of two
 * messages. Origins meet in one partition each: their numbers and those of their messages add up.
 */
export interface CampaignBook {
  take(partition: number, verdict: Pick<Verdict, 'time' | 'action' | 'category' | 'campaign'>): void
  /** Those with a verdict at or after `sinceMs`, largest first. */
  list(sinceMs: number): readonly NetworkCampaign[]
  readonly size: number
}

interface Entry {
  readonly ids: string[]
  readonly print: Fingerprint | undefined
  /** Newest word of each partition under each id. */
  readonly seen: Map<string, { readonly partition: number; readonly campaign: Campaign }>
  lastSeen: number
  action: Action
  category: string | undefined
}

/** @param most campaigns held; the one that has been quiet for longest makes room */
export function createCampaignBook(most: number): CampaignBook {
  // In the order of their last verdicts' arrival: the first is the quietest.
  const entries = new Set<Entry>()
  const byId = new Map<string, Entry>()

  function open({ id, sample }: Campaign, time: number, action: Action): Entry {
    const out = new Uint16Array(FINGERPRINT_VALUES)
    const print = sample !== undefined && fingerprintOf(sample, out) ? out : undefined
    const known = print && [...entries].find(each => each.print !== undefined && resembles(each.print, 0, print, 0))
    const entry: Entry = known ?? { ids: [], print, seen: new Map(), lastSeen: time, action, category: undefined }
    entry.ids.push(id)
    byId.set(id, entry)
    return entry
  }

  function close(entry: Entry): void {
    entries.delete(entry)
    for (const id of entry.ids) byId.delete(id)
  }

  return {
    take(partition, { time, action, category, campaign }) {
      if (campaign === undefined) return
      const entry = byId.get(campaign.id) ?? open(campaign, time, action)
      entry.seen.set(`${partition} ${campaign.id}`, { partition, campaign })
      entry.lastSeen = Math.max(entry.lastSeen, time)
      if (severityOf(action) > severityOf(entry.action)) entry.action = action
      entry.category = category ?? entry.category
      entries.delete(entry)
      entries.add(entry)
      if (entries.size > most) close(entries.values().next().value!)
    },
    list: sinceMs =>
      [...entries]
        .filter(({ lastSeen }) => lastSeen >= sinceMs)
        .map(total)
        .sort((a, b) => b.messages - a.messages || (a.id < b.id ? -1 : 1)),
    get size() {
      return entries.size
    },
  }
}

function total({ ids, seen, lastSeen, action, category }: Entry): NetworkCampaign {
  const words = [...seen.values()]
  const all = words.map(({ campaign }) => campaign)
  const sum = (field: 'origins' | 'messages' | 'targets') => all.reduce((n, each) => n + each[field], 0)
  const sample = all.find(each => each.sample !== undefined)?.sample
  return {
    id: ids[0]!,
    ids: [...ids],
    origins: sum('origins'),
    messages: sum('messages'),
    targetsAtMost: sum('targets'),
    partitions: new Set(words.map(({ partition }) => partition)).size,
    firstSeen: Math.min(...all.map(each => each.firstSeen)),
    lastSeen,
    action,
    ...(category === undefined ? {} : { category }),
    ...(sample === undefined ? {} : { sample }),
  }
}
