import { createHash, createHmac } from 'node:crypto'
import { isIPv4 } from 'node:net'
import type { Edition, FeedEntry } from './edition.ts'
import { kindOf } from './party.ts'

export interface StixOptions {
  /** Who publishes. */
  readonly identity: string
  readonly mode: 'prefix' | 'pseudonym'
  readonly kAnonymity: number
  /** Key of the pseudonyms; needed in that mode. */
  readonly key: Uint8Array | undefined
}

/** OASIS's own namespace for identifiers that are a function of their content (STIX 2.1 §2.9). */
const NAMESPACE = '00abedb4-aa42-466c-9c01-fed23315a9b7'
/** TLP:AMBER as STIX 2.1 §7.2.1.4 defines it. */
const TLP_AMBER = 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82'
/** A prefix shorter than this is a country or a whole operator. */
const SHORTEST_PREFIX = 5
const CONFIDENCE: Readonly<Record<string, number>> = { block: 85, divert: 65, challenge: 50, flag: 30 }

/**
 * The list as a STIX 2.1 bundle of indicators. No number leaves the house: either keyed hashes, which partners with the key
 * can hold their own numbers against, or beginnings of numbers that at least k listed ones share. Addresses of machines are
 * published as they are. STIX has no observable for telephone numbers: patterns name `x-telephone-number`, a custom one.
 */
export function stix(edition: Edition, options: StixOptions): object {
  const { madeMs, version } = edition
  const author = `identity--${uuid5(`identity ${options.identity}`)}`
  const common = { spec_version: '2.1', created_by_ref: author, object_marking_refs: [TLP_AMBER] }
  const machines = edition.entries.filter(({ party }) => kindOf(party) === 'ip').map(entry => machine(entry))
  const people = edition.entries.filter(({ party }) => kindOf(party) !== 'ip')
  const others =
    options.mode === 'pseudonym' ? people.map(entry => pseudonym(entry, options)) : prefixes(people, options)
  const indicators = [...machines, ...others].map(({ name, pattern, description, entry, confidence, types }) => ({
    type: 'indicator',
    ...common,
    id: `indicator--${uuid5(`${options.identity} ${pattern}`)}`,
    // An id keeps its `created` for ever (§3.2), whichever process writes it; `modified` tells the versions apart.
    created: timestamp(0),
    modified: timestamp(madeMs),
    name,
    description,
    indicator_types: types,
    pattern,
    pattern_type: 'stix',
    valid_from: timestamp(madeMs),
    valid_until: timestamp(Math.max(entry.untilMs, madeMs + 1000)),
    labels: [entry.category ?? 'other'],
    confidence,
  }))
  const identity = {
    type: 'identity',
    spec_version: '2.1',
    id: author,
    created: timestamp(0),
    modified: timestamp(0),
    name: options.identity,
    identity_class: 'organization',
  }
  return {
    type: 'bundle',
    id: `bundle--${uuid5(`${options.identity} bundle ${version}`)}`,
    objects: [identity, ...indicators],
  }
}

interface Described {
  readonly name: string
  readonly pattern: string
  readonly description: string
  readonly entry: FeedEntry
  readonly confidence: number
  readonly types: readonly string[]
}

function machine(entry: FeedEntry): Described {
  const address = entry.party.slice(3)
  return {
    name: 'Source of scans',
    pattern: `[${isIPv4(address) ? 'ipv4-addr' : 'ipv6-addr'}:value = '${address}']`,
    description: `Decision for what comes from it: ${entry.action}.`,
    entry,
    confidence: CONFIDENCE[entry.action] ?? 50,
    types: ['malicious-activity'],
  }
}

function pseudonym(entry: FeedEntry, { key }: StixOptions): Described {
  const hash = createHmac('sha256', key ?? new Uint8Array(0))
    .update(entry.party)
    .digest('hex')
  return {
    name: 'Origin of unwanted calls or messages',
    pattern: `[x-telephone-number:pseudonym = '${hash}']`,
    description: `HMAC-SHA-256 of the E.164 number under the partners' key. Decision for it: ${entry.action}.`,
    entry,
    confidence: CONFIDENCE[entry.action] ?? 50,
    types: ['malicious-activity'],
  }
}

/** The longest prefixes that k listed numbers share; numbers that share none are left out. */
function prefixes(entries: readonly FeedEntry[], { kAnonymity }: StixOptions): readonly Described[] {
  const numbers = entries.filter(({ party }) => kindOf(party) === 'number').sort((a, b) => (a.party < b.party ? -1 : 1))
  const found: Described[] = []
  const split = (group: readonly FeedEntry[], prefix: string): void => {
    const byNext = new Map<string, FeedEntry[]>()
    for (const entry of group) {
      const next = entry.party.slice(0, prefix.length + 1)
      if (next.length === prefix.length) continue
      const share = byNext.get(next) ?? []
      byNext.set(next, share)
      share.push(entry)
    }
    // Longer ones only when they leave nobody in a group of fewer than k behind: by subtraction it would be known.
    const groups = [...byNext]
    const stays = groups.length === 0 || groups.some(([, share]) => share.length < kAnonymity)
    if (stays && prefix.length >= SHORTEST_PREFIX) found.push(describedPrefix(prefix, group))
    else for (const [next, share] of groups) if (share.length >= kAnonymity) split(share, next)
  }
  if (numbers.length >= kAnonymity) split(numbers, '+')
  return found
}

function describedPrefix(prefix: string, group: readonly FeedEntry[]): Described {
  const latest = group.reduce((a, b) => (b.untilMs > a.untilMs ? b : a))
  return {
    name: 'Beginning of numbers with unwanted traffic',
    pattern: `[x-telephone-number:value LIKE '${prefix}%']`,
    description: `${group.length} listed numbers begin so. Not to be blocked: most numbers that begin so are innocent.`,
    entry: { ...latest, category: commonest(group) },
    confidence: 15,
    types: ['anomalous-activity'],
  }
}

function commonest(group: readonly FeedEntry[]): string {
  const counts = new Map<string, number>()
  for (const { category = 'other' } of group) counts.set(category, (counts.get(category) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0] ?? 'other'
}

/** RFC 9562 §5.5. */
function uuid5(name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const hex = hash.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString()
}
