import type { Topic } from '../../activity/index.ts'
import { assignPartitions } from '../assignment.ts'
import type { GroupHandler, SubscribeOptions, Subscription, TopicPartition } from '../port.ts'
import { type Runner, type RunnerSource, startRunner } from '../runner.ts'

/** The members of this process's groups, and which partition each runs. */
export interface Groups {
  join(options: SubscribeOptions, handler: GroupHandler): Subscription
  /** A partition has grown. */
  wake(topic: Topic, partition: number): void
  /** Closes every subscription. */
  close(): Promise<void>
}

export interface GroupsContext {
  readonly partitions: number
  partitionsOf(topic: Topic): number
  source(place: TopicPartition, options: SubscribeOptions): RunnerSource
}

interface Member {
  readonly id: string
  readonly options: SubscribeOptions
  readonly handler: GroupHandler
  readonly runners: Map<string, Runner>
  leaving: boolean
  failure: { readonly error: unknown } | undefined
  settle(): void
}

interface Group {
  readonly members: Map<string, Member>
  /** Owner of each partition number at the last rebalance. */
  owners: readonly string[]
  /** Rebalances follow one another. */
  change: Promise<void>
}

const placeKey = (topic: string, partition: number) => `${topic}/${partition}`

/** Group membership inside one process: join and leave rebalance, the old owner lets go before the new one starts. */
export function createGroups(context: GroupsContext): Groups {
  const groups = new Map<string, Group>()
  const runners = new Map<string, Set<Runner>>()
  let joined = 0

  function rebalance(group: Group): Promise<void> {
    group.change = group.change.then(() => apply(group))
    return group.change
  }

  async function apply(group: Group): Promise<void> {
    const staying = [...group.members.values()].filter(member => !member.leaving)
    group.owners = assignPartitions(
      staying.map(member => member.id),
      context.partitions,
      group.owners,
    )
    await Promise.all([...group.members.values()].map(member => letGo(group, member)))
    for (const member of [...group.members.values()]) {
      if (!member.leaving) continue
      group.members.delete(member.id)
      member.settle()
    }
    for (const member of staying) take(group, member)
  }

  async function letGo(group: Group, member: Member): Promise<void> {
    const going = [...member.runners].filter(
      ([, runner]) => member.leaving || !owns(group, member, runner.place.topic, runner.place.partition),
    )
    await Promise.all(
      going.map(async ([key, runner]) => {
        await (member.failure === undefined ? runner.revoke() : runner.halt())
        member.runners.delete(key)
        runners.get(key)?.delete(runner)
      }),
    )
  }

  function take(group: Group, member: Member): void {
    for (const topic of member.options.topics) {
      for (let partition = 0; partition < context.partitionsOf(topic); partition++) {
        const key = placeKey(topic, partition)
        if (member.leaving || member.runners.has(key) || !owns(group, member, topic, partition)) continue
        const place = { topic, partition }
        const runner = startRunner(place, context.source(place, member.options), member.handler, error =>
          fail(group, member, error),
        )
        member.runners.set(key, runner)
        const set = runners.get(key) ?? new Set()
        runners.set(key, set.add(runner))
      }
    }
  }

  /** The owner of the number, or the first member that reads the topic when the owner does not. */
  function owns(group: Group, member: Member, topic: Topic, partition: number): boolean {
    const owner = group.members.get(group.owners[partition] ?? '')
    if (owner?.options.topics.includes(topic)) return owner === member
    const readers = [...group.members.values()].filter(each => !each.leaving && each.options.topics.includes(topic))
    return readers.sort((a, b) => (a.id < b.id ? -1 : 1))[0] === member
  }

  function fail(group: Group, member: Member, error: unknown): void {
    member.failure ??= { error }
    if (member.leaving) return
    member.leaving = true
    void rebalance(group)
  }

  return {
    join(options, handler) {
      const group = groups.get(options.group) ?? { members: new Map(), owners: [], change: Promise.resolve() }
      groups.set(options.group, group)
      const { promise: ended, resolve, reject } = promiseWithResolvers()
      const member: Member = {
        id: String(joined++).padStart(9, '0'),
        options,
        handler,
        runners: new Map(),
        leaving: false,
        failure: undefined,
        settle: () => (member.failure === undefined ? resolve() : reject(member.failure.error)),
      }
      group.members.set(member.id, member)
      // Those who do not look at `ended` are told by `close`; an unhandled rejection would end the process.
      ended.catch(() => {})
      void rebalance(group)
      return {
        ended,
        async close() {
          member.leaving = true
          if (group.members.has(member.id)) await rebalance(group)
        },
      }
    },
    wake(topic, partition) {
      for (const runner of runners.get(placeKey(topic, partition)) ?? []) runner.wake()
    },
    async close() {
      for (const group of groups.values()) {
        for (const member of group.members.values()) member.leaving = true
        await rebalance(group)
      }
    },
  }
}

function promiseWithResolvers() {
  let resolve!: () => void
  let reject!: (error: unknown) => void
  const promise = new Promise<void>((onDone, onFailed) => {
    resolve = onDone
    reject = onFailed
  })
  return { promise, resolve, reject }
}
