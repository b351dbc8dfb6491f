import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openStore } from '../../../engine/archive/index.ts'
import { credentials, s3Server } from './s3.ts'
import { appendVerdicts, archiveOf, duckOf, folder, logOf } from './support.ts'

describe('an archive in a bucket', () => {
  const open = (root: string, endpoint: string, secret = credentials.secretAccessKey) => {
    const secretAccessKeyFile = join(root, 'secret')
    writeFileSync(secretAccessKeyFile, `${secret}\n`)
    const { region, accessKeyId } = credentials
    return openStore({
      path: 's3://archive-1/op a/ringfence',
      s3: { endpoint, region, accessKeyId, secretAccessKeyFile },
    })
  }

  it('is written, listed over pages, read and swept with signed requests', async t => {
    const root = folder(t)
    const server = await s3Server(t, 'archive-1')
    const store = open(root, server.endpoint)
    const file = join(root, 'x.parquet')
    writeFileSync(file, 'bytes')
    const names = ['a', 'b', 'c', 'd', 'e'].map(name => `verdicts/day=2026-01-01/${name}.parquet`)
    for (const name of names) await store.put(name, file)
    assert.deepEqual(await store.list('verdicts/'), names)
    assert.deepEqual(await store.list('outcomes/'), [])
    assert.equal(Buffer.from((await store.read(names[0]!))!).toString(), 'bytes')
    assert.equal(await store.read('verdicts/none'), undefined)
    assert.equal(readFileSync(await store.fetch(names[1]!, join(root, 'copy')), 'utf8'), 'bytes')
    await store.remove(names[0]!)
    assert.deepEqual(await store.list('verdicts/'), names.slice(1))
    assert.deepEqual(server.refused, [])
    assert.ok([...server.objects.keys()].every(key => key.startsWith('op a/ringfence/verdicts/')))
  })

  it('takes the same files as a folder', async t => {
    const root = folder(t)
    const server = await s3Server(t, 'archive-1')
    const log = await logOf(t, join(root, 'log'))
    await appendVerdicts(log, 0, 80)
    const duck = await duckOf(t)
    const store = open(root, server.endpoint)
    const { archive, waiting } = await archiveOf({ log, duck, store, spool: join(root, 'spool') })
    await waiting(80)
    await archive.close()
    for (const name of await store.list('verdicts/')) await store.fetch(name, join(root, 'copy'))
    const [row] = await duck.rows(`SELECT count(*) AS n FROM read_parquet('${root}/copy/verdicts/*/*.parquet')`)
    assert.equal(row?.n, 80)
    assert.ok([...server.objects.keys()].some(key => key.includes('/_positions/')))
  })

  it('says what the service answered when it refuses', async t => {
    const root = folder(t)
    const server = await s3Server(t, 'archive-1')
    const store = open(root, server.endpoint, 'another secret')
    await assert.rejects(store.list('verdicts/'), /archive: GET archive-1: 403 SignatureDoesNotMatch/)
  })
})
