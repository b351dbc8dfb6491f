import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Campaign, Verdict } from '../../../engine/activity/index.ts'
import { createCampaignBook, followCampaigns } from '../../../engine/campaigns/index.ts'
import { openEmbeddedLog } from '../../../engine/log/index.ts'
import { eventually } from '../../support/sockets.ts'

const NOW = 1_764_000_000_000

const campaign = (id: string, origins: number, messages: number, firstSeen = NOW): Campaign => ({
  id,
  origins,
  targets: messages,
  messages,
  firstSeen,
})

const verdict = (seen: Campaign | undefined, time = NOW, action: Verdict['action'] = 'flag'): Verdict => ({
  id: `v${time}`,
  activity: 'a',
  role: 'origin',
  kind: 'message',
  time,
  party: '+33612345678',
  score: 5,
  action,
  reasons: [],
  pack: 'p',
  ...(seen === undefined ? {} : { campaign: seen }),
})

describe('campaigns of the whole network', () => {
  it('are the newest word of each partition, added up', () => {
    const book = createCampaignBook(10)
    book.take(0, verdict(campaign('c', 2, 20, NOW - 50)))
    book.take(1, verdict(campaign('c', 3, 30), NOW + 5, 'block'))
    book.take(0, verdict(campaign('c', 4, 44, NOW - 50), NOW + 1))
    book.take(2, verdict(undefined))
    assert.deepEqual(book.list(0), [
      {
        id: 'c',
        ids: ['c'],
        origins: 7,
        messages: 74,
        targetsAtMost: 74,
        partitions: 2,
        firstSeen: NOW - 50,
        lastSeen: NOW + 5,
        action: 'block',
      },
    ])
  })

  it('are one where their texts began as variants in several partitions, and two where the texts differ', () => {
    const book = createCampaignBook(10)
    const variant = (name: string, code: string) =>
      `Dear ${name}, your parcel ${code} is held at the depot, pay the fee of 2 euro at http://parcel-${code}.example now`
    book.take(0, verdict({ ...campaign('c', 2, 20), sample: variant('Anna', '118') }))
    book.take(1, verdict({ ...campaign('d', 3, 30), sample: variant('Bob', '920') }))
    book.take(
      1,
      verdict({ ...campaign('e', 1, 5), sample: 'Reunion de la chorale reportee a jeudi prochain, meme salle' }),
    )
    assert.deepEqual(
      book.list(0).map(({ ids, origins, messages, partitions }) => ({ ids, origins, messages, partitions })),
      [
        { ids: ['c', 'd'], origins: 5, messages: 50, partitions: 2 },
        { ids: ['e'], origins: 1, messages: 5, partitions: 1 },
      ],
    )
  })

  it('are listed largest first, those alone that were heard of since', () => {
    const book = createCampaignBook(10)
    book.take(0, verdict(campaign('small', 1, 3)))
    book.take(0, verdict(campaign('large', 1, 9)))
    book.take(0, verdict(campaign('old', 1, 99), NOW - 1000))
    assert.deepEqual(
      book.list(NOW).map(({ id }) => id),
      ['large', 'small'],
    )
  })

  it('make room by letting go of the one that has been quiet for longest', () => {
    const book = createCampaignBook(2)
    book.take(0, verdict(campaign('a', 1, 1)))
    book.take(0, verdict(campaign('b', 1, 1)))
    book.take(0, verdict(campaign('a', 1, 2)))
    book.take(0, verdict(campaign('c', 1, 1)))
    assert.equal(book.size, 2)
    assert.deepEqual(
      book.list(0).map(({ id }) => id),
      ['a', 'c'],
    )
  })

  it('come from the verdicts of all partitions, those before the start too', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ringfence-campaigns-'))
    const log = await openEmbeddedLog({ directory, partitions: 4 })
    try {
      const put = (partition: number, one: Verdict) => {
        const value = Buffer.from(JSON.stringify(one))
        return log.append([{ topic: 'ringfence.verdicts', key: one.party, value, timeMs: NOW, partition }])
      }
      await put(0, verdict(campaign('c', 1, 10)))
      await put(3, verdict(undefined))
      const followed = await followCampaigns({ log, instance: 'test' })
      await put(2, verdict(campaign('c', 5, 50)))
      await eventually('both partitions are read', async () => followed.list(0)[0]?.messages === 60)
      assert.equal(followed.list(0)[0]!.origins, 6)
      await followed.close()
    } finally {
      await log.close()
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
