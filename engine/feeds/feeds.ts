import { readFileSync } from 'node:fs'
import { messageOf, RingfenceError } from '../errors/index.ts'
import type { ReputationView } from '../reputation/index.ts'
import type { Pack } from '../rules/index.ts'
import { type CollectOptions, collect, type LeftOut, type Weigh } from './collect.ts'
import { document } from './document.ts'
import { deltaOf, type Edition, editionOf } from './edition.ts'
import { htable, secfilter } from './kamailio.ts'
import type { FeedsOptions } from './schema.ts'
import { openSigner, type Signer } from './signer.ts'
import { stix } from './stix.ts'
import { zone } from './zone.ts'

/** The formats, with their media types. */
export const feedFormats = {
  'blocklist.json': 'application/json; charset=utf-8',
  'kamailio-htable': 'text/plain; charset=utf-8',
  'kamailio-secfilter': 'text/plain; charset=utf-8',
  'blocklist.zone': 'text/dns',
  'stix.json': 'application/stix+json;version=2.1',
} as const
export type FeedFormat = keyof typeof feedFormats

export interface Rendered {
  readonly text: string
  readonly version: string
  /** Strong validator: one edition in one format, whole or since another one. */
  readonly etag: string
  readonly madeMs: number
  readonly expiresMs: number
  /** Detached JWS; undefined without a key. */
  readonly signature: string | undefined
}

export interface FeedsEnvironment {
  readonly view: Pick<ReputationView, 'each'>
  readonly pack: () => Pack
  readonly weigh: Weigh
  /** What keeps the view from being whole, in words: no feed is given out then, since an empty one would clear everybody. */
  readonly notReady: () => readonly string[]
  readonly now: () => number
}

export interface FeedCounters {
  entries: number
  editions: number
  readonly leftOut: Map<LeftOut, number>
}

export interface Feeds {
  /** The feed now, undefined while the view is not whole. `since`: only what changed, where that edition is remembered. */
  render(format: FeedFormat, since?: string): Promise<Rendered | undefined>
  /** Public keys of the signatures, as a JWK set. */
  readonly keys: { readonly keys: readonly object[] }
  readonly counters: FeedCounters
}

/** Editions that a delta can start from: half an hour and more of the default rebuilds. */
const REMEMBERED = 64
/** Entries that all of them may hold together: memory is bounded whatever their size. */
const REMEMBERED_ENTRIES = 2_000_000

/**
 * Feeds over the view and the lists. An edition is drawn up when one is asked for and the last is old; every format is
 * rendered and signed once an edition.
 * @throws RingfenceError CONFIG_INVALID for a key that cannot be used
 */
export async function createFeeds(options: FeedsOptions, environment: FeedsEnvironment): Promise<Feeds> {
  const signer: Signer | undefined = options.keyFile === '' ? undefined : await openSigner(options.keyFile)
  const pseudonymKey = readPseudonymKey(options)
  const counters: FeedCounters = { entries: 0, editions: 0, leftOut: new Map() }
  const collecting: CollectOptions = { ...options, ...environment, maxAgeMs: options.maxAgeDays * 86_400_000 }
  const past = new Map<string, Edition>()
  let rendered = new Map<string, Promise<Rendered>>()
  let current: Edition | undefined
  let drawnMs = 0
  let drawing: Promise<Edition> | undefined

  async function draw(): Promise<Edition> {
    const nowMs = environment.now()
    const { entries, leftOut } = await collect(collecting, nowMs)
    const validMs = options.validSeconds * 1000
    const edition = editionOf(entries, nowMs, validMs)
    counters.entries = entries.length
    counters.leftOut.clear()
    for (const [reason, count] of leftOut) counters.leftOut.set(reason, count)
    drawnMs = nowMs
    // The same list again is the same edition, until half its time is over: readers are spared a copy.
    if (current?.version === edition.version && nowMs - current.madeMs < validMs / 2) return current
    counters.editions++
    rendered = new Map()
    past.delete(edition.version)
    past.set(edition.version, edition)
    forget()
    current = edition
    return edition
  }

  function forget(): void {
    let entries = [...past.values()].reduce((sum, edition) => sum + edition.entries.length, 0)
    for (const [version, edition] of past) {
      if (past.size === 1 || (past.size <= REMEMBERED && entries <= REMEMBERED_ENTRIES)) return
      past.delete(version)
      entries -= edition.entries.length
    }
  }

  function edition(): Promise<Edition> {
    if (current !== undefined && environment.now() - drawnMs < options.rebuildSeconds * 1000)
      return Promise.resolve(current)
    drawing ??= draw().finally(() => {
      drawing = undefined
    })
    return drawing
  }

  async function write(format: FeedFormat, now: Edition, before: Edition | undefined): Promise<Rendered> {
    const text = textOf(format, now, before)
    return {
      text,
      version: now.version,
      etag: `"${format}-${now.version}-${Math.floor(now.madeMs / 1000)}${before === undefined ? '' : `-${before.version}`}"`,
      madeMs: now.madeMs,
      expiresMs: now.expiresMs,
      signature: await signer?.sign(Buffer.from(text), format, now.madeMs, now.expiresMs),
    }
  }

  function textOf(format: FeedFormat, now: Edition, before: Edition | undefined): string {
    switch (format) {
      case 'blocklist.json':
        return JSON.stringify(document(now, before === undefined ? undefined : deltaOf(before, now)))
      case 'kamailio-htable':
        return htable(now)
      case 'kamailio-secfilter':
        return secfilter(now)
      case 'blocklist.zone':
        return zone(now, options.zone)
      case 'stix.json':
        return JSON.stringify(stix(now, { ...options.stix, key: pseudonymKey }))
    }
  }

  return {
    counters,
    keys: { keys: signer === undefined ? [] : [signer.jwk] },
    async render(format, since) {
      if (environment.notReady().length > 0) return undefined
      const now = await edition()
      const before = since === undefined || format !== 'blocklist.json' ? undefined : past.get(since)
      const key = `${format} ${before?.version ?? ''}`
      let answer = rendered.get(key)
      if (answer === undefined) {
        answer = write(format, now, before)
        // Readers ask for what they have: a few editions back.
        if (rendered.size >= REMEMBERED) rendered.clear()
        rendered.set(key, answer)
      }
      return answer
    },
  }
}

function readPseudonymKey({ stix: { mode, keyFile } }: FeedsOptions): Uint8Array | undefined {
  if (mode === 'prefix') return undefined
  try {
    const key = readFileSync(keyFile)
    if (key.length >= 16) return key
  } catch (error) {
    throw new RingfenceError('CONFIG_INVALID', `feeds.stix.keyFile: ${messageOf(error)}`, { cause: error })
  }
  throw new RingfenceError('CONFIG_INVALID', `feeds.stix.keyFile: ${keyFile} is shorter than 16 bytes`, {
    hint: 'openssl rand -out FILE 32',
  })
}
