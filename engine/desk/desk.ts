import { randomUUID } from 'node:crypto'
import { APPEAL_PREFIX, type Appeal, Control, jsonCodec, topics } from '../activity/index.ts'
import { RingfenceError } from '../errors/index.ts'
import type { EventLog } from '../log/index.ts'
import type { Logger } from '../observe/index.ts'

const codec = jsonCodec(Control)
const { topic } = topics.control

/** What a list was given at run time, beside its files. */
export interface ListEntries {
  readonly entries: readonly string[]
  readonly timeMs: number
  readonly by: string | undefined
  /** Changes with every change. */
  readonly version: string
}

export interface DeskOptions {
  readonly log: EventLog
  /** Names this process among all: each one reads the whole topic. */
  readonly instance: string
  readonly logger: Logger
  readonly now: () => number
}

/**
 * The control topic as those who serve it see it: entries of lists and appeals, in memory, and the way to change them.
 * A change is durable and has come back to this process when its promise resolves.
 */
export interface Desk {
  /** Entries that a list was given at run time; undefined when it never was. */
  list(name: string): ListEntries | undefined
  appeals(): Iterable<Appeal>
  appeal(id: string): Appeal | undefined
  setList(name: string, entries: readonly string[], by: string): Promise<ListEntries>
  setAppeal(appeal: Appeal, by: string): Promise<void>
  reloadPacks(by: string): Promise<void>
  /** One change after another in this process: what is read inside is what the change is made to. */
  alone<T>(work: () => Promise<T>): Promise<T>
  readonly ended: Promise<void>
  close(): Promise<void>
}

interface Waiting {
  readonly key: string
  resolve(): void
}

/** A change that has not come back by then is reported as unavailable. */
const RETURN_MS = 5_000

/** Follows the control topic from its beginning. */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const { log, logger, now } = options
  const lists = new Map<string, ListEntries>()
  const appeals = new Map<string, Appeal>()
  /** Changes of this process that have not come back, by version, in the order in which they were sent. */
  const waiting = new Map<string, Waiting>()

  function take(key: string, value: Uint8Array | null): void {
    if (value === null) {
      if (key.startsWith(APPEAL_PREFIX)) appeals.delete(key.slice(APPEAL_PREFIX.length))
      else lists.delete(key)
      return
    }
    const decoded = codec.decode(value)
    if (!decoded.ok) {
      logger.error({ reason: decoded.reason }, 'control record passed over')
      return
    }
    const { kind, name, time, by, entries, version = '', appeal } = decoded.value
    if (kind === 'list') lists.set(name, { entries: entries ?? [], timeMs: time, by, version: version || String(time) })
    else if (kind === 'appeal' && appeal !== undefined) appeals.set(appeal.id, appeal)
    comeBack(key, version)
  }

  /** The topic is compacted: of changes of one key that were written together, the last alone is ever read. */
  function comeBack(key: string, version: string): void {
    if (!waiting.has(version)) return
    for (const [sent, change] of waiting) {
      if (change.key === key) change.resolve()
      if (sent === version) return
    }
  }

  const subscription = await log.subscribe(
    { group: `ringfence-desk-${options.instance}`, topics: [topic] },
    {
      assigned: async () => 0,
      async batch({ records }) {
        for (const { key, value } of records) if (key !== null) take(key, value)
      },
      async revoked() {},
    },
  )

  async function publish(key: string, control: Omit<Control, 'time' | 'version'>): Promise<void> {
    const version = randomUUID()
    const timeMs = now()
    let timer: NodeJS.Timeout | undefined
    const returned = new Promise<void>((resolve, reject) => {
      waiting.set(version, { key, resolve })
      timer = setTimeout(
        () => reject(new RingfenceError('CHANGE_PENDING', 'the change is on the log but has not come back yet')),
        RETURN_MS,
      )
    })
    try {
      const value = codec.encode({ ...control, time: timeMs, version })
      await Promise.all([log.append([{ topic, key, value, timeMs }]), returned])
    } finally {
      clearTimeout(timer)
      waiting.delete(version)
    }
  }

  let turn: Promise<unknown> = Promise.resolve()
  return {
    list: name => lists.get(name),
    appeals: () => appeals.values(),
    appeal: id => appeals.get(id),
    async setList(name, entries, by) {
      await publish(name, { kind: 'list', name, by, entries: [...entries] })
      return lists.get(name)!
    },
    setAppeal: (appeal, by) =>
      publish(`${APPEAL_PREFIX}${appeal.id}`, { kind: 'appeal', name: `${APPEAL_PREFIX}${appeal.id}`, by, appeal }),
    reloadPacks: by => publish('pack', { kind: 'pack', name: 'pack', by }),
    alone(work) {
      const result = turn.then(work)
      turn = result.catch(() => {})
      return result
    },
    ended: subscription.ended,
    close: () => subscription.close(),
  }
}
