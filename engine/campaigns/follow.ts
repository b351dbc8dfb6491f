import { setImmediate as turn } from 'node:timers/promises'
import { jsonCodec, topics, Verdict } from '../activity/index.ts'
import type { EventLog } from '../log/index.ts'
import { createCampaignBook, type NetworkCampaign } from './book.ts'

const codec = jsonCodec(Verdict)
const { topic } = topics.verdicts

/** Looking for it costs a tenth of reading a verdict, and most verdicts are of no campaign. */
const MARK = Buffer.from('"campaign":{')
/** What is read back of each partition at the start: campaigns that are live show up in their latest verdicts. */
const LOOK_BACK = 20_000
const MOST = 5_000
/** Verdicts read before decisions get their turn. */
const VERDICTS_A_TURN = 64

export interface FollowCampaignsOptions {
  readonly log: EventLog
  /** Names this process among all: each one reads the whole topic. */
  readonly instance: string
}

/** Campaigns of the whole network, kept up to date. */
export interface FollowedCampaigns {
  /** Those with a verdict at or after `sinceMs`, largest first. */
  list(sinceMs: number): readonly NetworkCampaign[]
  /** Rejects when the log breaks. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

/**
 * Follows the verdicts of all partitions into one book of campaigns. It never commits: each start reads back a bounded
 * part of the topic. Verdicts that cannot be read are the engine's own and passed over.
 */
export async function followCampaigns({ log, instance }: FollowCampaignsOptions): Promise<FollowedCampaigns> {
  const book = createCampaignBook(MOST)
  const positions = new Map<number, number>()
  const subscription = await log.subscribe(
    { group: `ringfence-campaigns-${instance}`, topics: [topic] },
    {
      async assigned({ partition }) {
        const { earliest, next } = await log.bounds({ topic, partition })
        return Math.min(next, Math.max(earliest, next - LOOK_BACK, positions.get(partition) ?? 0))
      },
      async batch({ partition, records, nextOffset }) {
        let read = 0
        for (const { value } of records) {
          if (value === null || !Buffer.from(value.buffer, value.byteOffset, value.length).includes(MARK)) continue
          if (++read % VERDICTS_A_TURN === 0) await turn()
          const decoded = codec.decode(value)
          if (decoded.ok) book.take(partition, decoded.value)
        }
        positions.set(partition, nextOffset)
      },
      async revoked() {},
    },
  )
  return { list: book.list, ended: subscription.ended, close: () => subscription.close() }
}
