import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { ArchiveStore, Duck } from '../../../engine/archive/index.ts'
import {
  appendVerdicts,
  archiveOf,
  DAY_MS,
  duckOf,
  folder,
  localArchive,
  logOf,
  record,
  START_MS,
  verdictOf,
  verdictRecord,
} from './support.ts'

const count = async (duck: Duck, path: string) => {
  const [row] = await duck.rows<{ rows: number; ids: number }>(
    `SELECT count(*) AS rows, count(DISTINCT id) AS ids FROM read_parquet('${path}/verdicts/*/*.parquet')`,
  )
  return row
}

async function setting(t: TestContext) {
  const root = folder(t)
  const duck = await duckOf(t)
  const log = await logOf(t, join(root, 'log'))
  const path = join(root, 'archive')
  return { log, duck, path, store: localArchive(path), spool: join(root, 'spool') }
}

/** A store that fails at its `n`th put, and ever after, as a process that was killed there. */
function dyingStore(store: ArchiveStore, n: number): ArchiveStore {
  let puts = 0
  return {
    ...store,
    async put(name, file) {
      if (puts++ >= n) throw new Error('killed')
      await store.put(name, file)
    },
  }
}

describe('the archive', () => {
  it('writes each record once, into a folder a UTC day, whoever reads Parquet', async t => {
    const place = await setting(t)
    await appendVerdicts(place.log, 0, 300)
    await place.log.append([verdictRecord(verdictOf(300, { time: START_MS + DAY_MS }))])
    const { archive, waiting } = await archiveOf(place)
    await waiting(301)
    await archive.flush()
    const rows = await place.duck.rows<{ day: string; n: number }>(
      `SELECT CAST(day AS VARCHAR) AS day, count(*) AS n
       FROM read_parquet('${place.path}/verdicts/**/*.parquet', hive_partitioning = true) GROUP BY day ORDER BY day`,
    )
    assert.deepEqual(rows, [
      { day: '2026-03-30', n: 300 },
      { day: '2026-03-31', n: 1 },
    ])
    await archive.close()
  })

  it('goes on where it stopped, with nothing twice and nothing lost', async t => {
    const place = await setting(t)
    await appendVerdicts(place.log, 0, 100)
    const first = await archiveOf(place)
    await first.waiting(100)
    await first.archive.close()
    await appendVerdicts(place.log, 100, 250)
    const second = await archiveOf(place)
    await second.waiting(150)
    await second.archive.close()
    assert.deepEqual(await count(place.duck, place.path), { rows: 250, ids: 250 })
  })

  it('killed at any write, leaves each record in exactly one file after it starts again', async t => {
    const place = await setting(t)
    let total = 0
    for (let puts = 0; puts <= 6; puts++) {
      // Two days in each partition's run: two files and a position each.
      const next = total + 40
      await appendVerdicts(place.log, total, next)
      const moved = verdictOf(next, { time: START_MS + DAY_MS + next })
      await place.log.append([
        verdictRecord(moved),
        verdictRecord({ ...moved, id: `${next}-other-one`, party: '+33699999999' }),
      ])
      const dying = await archiveOf({ ...place, store: dyingStore(place.store, puts) })
      await dying.waiting(next + 2 - total)
      await dying.archive.close()
      total = next + 2
      const healed = await archiveOf(place)
      await healed.archive.flush()
      // What the dying one got done needs no reading; the rest is read again.
      for (let turn = 0; ; turn++) {
        await healed.archive.flush()
        const seen = await count(place.duck, place.path).catch(() => undefined)
        if (seen?.rows === total) break
        assert.ok(turn < 500, `after ${puts} puts the archive holds ${seen?.rows} rows, not ${total}`)
        await new Promise(resolve => setImmediate(resolve))
      }
      await healed.archive.close()
      assert.deepEqual(await count(place.duck, place.path), { rows: total, ids: total })
    }
  })

  it('keeps back what it cannot write and writes it once the store is there again', async t => {
    const place = await setting(t)
    let away = true
    const store: ArchiveStore = {
      ...place.store,
      put: (name, file) => (away ? Promise.reject(new Error('no route')) : place.store.put(name, file)),
    }
    await appendVerdicts(place.log, 0, 50)
    const { archive, counters, waiting } = await archiveOf({ ...place, store })
    await waiting(50)
    await archive.flush()
    assert.ok(counters.failures > 0)
    away = false
    await archive.flush()
    assert.equal(counters.waiting, 0)
    await archive.close()
    assert.deepEqual(await count(place.duck, place.path), { rows: 50, ids: 50 })
  })

  it('begins a new generation of files when the log was made anew', async t => {
    const place = await setting(t)
    await appendVerdicts(place.log, 0, 30)
    const first = await archiveOf(place)
    await first.waiting(30)
    await first.archive.close()
    const log = await logOf(t, join(folder(t), 'log'))
    await appendVerdicts(log, 500, 510)
    const second = await archiveOf({ ...place, log })
    await second.waiting(10)
    await second.archive.close()
    assert.deepEqual(await count(place.duck, place.path), { rows: 40, ids: 40 })
  })

  it('keeps no number, no address, no Call-ID and no word of a message', async t => {
    const place = await setting(t)
    const [from, to, text] = ['+33612345678', '+33698765432', 'Your parcel waits, pay at once please']
    const common = {
      time: START_MS,
      from: { party: from },
      to: { party: to },
      route: { tap: 't', peer: '198.51.100.77' },
    }
    await place.log.append([
      verdictRecord(verdictOf(1, { party: from, target: to })),
      record(
        'activity',
        { ...common, id: 'm1', role: 'origin', kind: 'message', content: { type: 'text/plain', text } },
        from,
      ),
      record(
        'activity',
        {
          ...common,
          id: 'c2',
          role: 'origin',
          kind: 'call.ended',
          duration: 42,
          endedBy: 'target',
          callId: 'call-1@host.example',
        },
        from,
      ),
      record(
        'feedback',
        { id: 'f1', time: START_MS, party: from, reporter: to, source: 'report', opinion: 'spam', text },
        from,
      ),
    ])
    const { archive, waiting } = await archiveOf(place)
    await waiting(4)
    await archive.close()
    let everything = ''
    for (const dataset of ['verdicts', 'outcomes', 'activity', 'feedback'])
      for (const row of await place.duck.rows(`SELECT * FROM read_parquet('${place.path}/${dataset}/*/*.parquet')`))
        everything += JSON.stringify(row)
    for (const secret of [
      '612345678',
      '698765432',
      'parcel',
      '198.51.100.77',
      'call-1@',
      'host.example',
      'You have won',
    ])
      assert.ok(!everything.includes(secret), `${secret} is in the archive`)
    assert.match(everything, /"language":"en"/)
    assert.match(everything, /"party_range":"\+3361234xxxx"/)
    assert.match(everything, /"network":"198\.51\.100\.0\/24"/)
  })

  it('joins the records of a call by its pseudonym', async t => {
    const place = await setting(t)
    const verdict = verdictOf(1)
    await place.log.append([
      verdictRecord(verdict),
      record(
        'activity',
        {
          id: 'e1',
          role: 'origin',
          kind: 'call.ended',
          time: START_MS + 60_000,
          from: { party: verdict.party },
          route: { tap: 't' },
          duration: 42.5,
          endedBy: 'origin',
          callId: verdict.callId!,
        },
        verdict.party,
      ),
    ])
    const { archive, waiting } = await archiveOf(place)
    await waiting(2)
    await archive.close()
    const [row] = await place.duck.rows(
      `SELECT v.action, o.duration FROM read_parquet('${place.path}/verdicts/*/*.parquet') v
       JOIN read_parquet('${place.path}/outcomes/*/*.parquet') o USING (event)`,
    )
    assert.deepEqual(row, { action: 'allow', duration: 42.5 })
  })

  it('gives the same bytes for the same records', async t => {
    const one = await setting(t)
    const two = await setting(t)
    for (const place of [one, two]) {
      await appendVerdicts(place.log, 0, 200)
      const { archive, waiting } = await archiveOf(place)
      await waiting(200)
      await archive.close()
    }
    const names = await one.store.list('verdicts/')
    assert.deepEqual(await two.store.list('verdicts/'), names)
    assert.ok(names.length >= 2)
    for (const name of names) assert.deepEqual(readFileSync(join(one.path, name)), readFileSync(join(two.path, name)))
  })

  it('passes over a record that cannot be read, and counts it', async t => {
    const place = await setting(t)
    await place.log.append([
      { topic: 'ringfence.verdicts', key: 'k', value: Buffer.from('{"id":1}'), timeMs: START_MS },
    ])
    await appendVerdicts(place.log, 0, 3)
    const { archive, counters, waiting } = await archiveOf(place)
    await waiting(3)
    await archive.close()
    assert.equal(counters.skipped, 1)
  })

  it('measures what the process itself costs', async t => {
    const place = await setting(t)
    let nowMs = START_MS
    const { archive } = await archiveOf({ ...place, now: () => nowMs })
    nowMs += 600_000
    await archive.close()
    const [row] = await place.duck.rows(`SELECT * FROM read_parquet('${place.path}/cost/*/*.parquet')`)
    assert.equal(row?.seconds, 600)
    assert.ok(Number(row?.cpu_seconds) > 0)
    assert.equal(row?.rss_bytes, 1e6)
  })
})
