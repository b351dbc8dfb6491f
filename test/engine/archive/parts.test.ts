import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  createPseudonyms,
  epochOf,
  networkOf,
  openStore,
  rangeOf,
  readSecret,
  removeExpired,
} from '../../../engine/archive/index.ts'
import { folder, localArchive, secret } from './support.ts'

describe('pseudonyms', () => {
  const timeMs = Date.UTC(2026, 4, 31, 23, 59)
  const pseudonyms = createPseudonyms(secret, 'month')

  it('are the same for a party within an epoch and others in the next', () => {
    assert.equal(pseudonyms.of('+33612345678', timeMs), pseudonyms.of('+33612345678', timeMs - 86_400_000))
    assert.notEqual(pseudonyms.of('+33612345678', timeMs), pseudonyms.of('+33612345678', timeMs + 120_000))
  })

  it('are 64-bit integers that another key does not share', () => {
    const other = createPseudonyms(Buffer.from('another secret of enough bytes!!'), 'month')
    const value = BigInt(pseudonyms.of('a', timeMs))
    assert.ok(value >= -(2n ** 63n) && value < 2n ** 63n)
    assert.notEqual(other.of('a', timeMs), pseudonyms.of('a', timeMs))
    assert.notEqual(other.fingerprint, pseudonyms.fingerprint)
    assert.notEqual(createPseudonyms(secret, 'day').fingerprint, pseudonyms.fingerprint)
  })

  it('refuse a secret that can be guessed', () => {
    assert.throws(() => createPseudonyms(Buffer.from('short'), 'month'), /archive\.keyFile: the key has 5 bytes/)
  })

  it('change on Mondays, on the first of the month, at midnight UTC', () => {
    const at = (text: string) => Date.parse(`${text}Z`)
    assert.equal(epochOf(at('2026-03-02T00:00'), 'week') - epochOf(at('2026-03-01T23:59'), 'week'), 1)
    assert.equal(epochOf(at('2026-03-08T23:59'), 'week'), epochOf(at('2026-03-02T00:00'), 'week'))
    assert.equal(epochOf(at('2027-01-01T00:00'), 'month') - epochOf(at('2026-12-31T00:00'), 'month'), 1)
    assert.equal(epochOf(at('2027-01-01T00:00'), 'never'), epochOf(at('2026-01-01T00:00'), 'never'))
  })

  it('make their key once, for the owner alone', t => {
    const file = join(folder(t), 'deep', 'archive.key')
    const made = readSecret(file)
    assert.equal(made.length, 32)
    assert.deepEqual(readSecret(file), made)
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })
})

describe('places', () => {
  it('leave out the digits and letters that name a person', () => {
    assert.equal(rangeOf('+33612345678'), '+3361234xxxx')
    assert.equal(rangeOf('alice@ims.example'), '@ims.example')
    assert.equal(rangeOf('ip:203.0.113.9'), 'ip:203.0.113.0/24')
    assert.equal(rangeOf('bob'), 'name')
    assert.equal(rangeOf('anonymous'), 'anonymous')
  })

  it('never show the last digits of a number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10_000_000, max: 999_999_999_999 }), n => {
        assert.ok(!rangeOf(`+${n}`).endsWith(String(n).slice(-4)))
      }),
    )
  })

  it('are networks of addresses, with or without a port', () => {
    assert.equal(networkOf('198.51.100.7'), '198.51.100.0/24')
    assert.equal(networkOf('198.51.100.7:5060'), '198.51.100.0/24')
    assert.equal(networkOf('2001:db8:1:2::7'), '2001:db8:1::/48')
    assert.equal(networkOf('2001:db8::7'), '2001:db8:0::/48')
    assert.equal(networkOf('[2001:0db8::7]:5061'), '2001:db8:0::/48')
    assert.equal(networkOf('sbc.example'), '')
    assert.equal(networkOf(''), '')
  })
})

describe('a folder as archive', () => {
  it('forgets the days that are over their time', async t => {
    const root = folder(t)
    const store = localArchive(root)
    const file = join(root, 'some.file')
    for (const name of [
      'verdicts/day=2026-01-01/a.parquet',
      'verdicts/day=2026-03-01/a.parquet',
      '_positions/v0000.json',
    ]) {
      writeFileSync(file, 'x')
      await store.put(name, file)
    }
    assert.equal(await removeExpired(store, 30, Date.UTC(2026, 2, 30)), 1)
    assert.deepEqual(await store.list('verdicts/'), ['verdicts/day=2026-03-01/a.parquet'])
    assert.notEqual(await store.read('_positions/v0000.json'), undefined)
    assert.equal(await removeExpired(store, 30, Date.UTC(2026, 2, 30)), 0)
  })

  it('refuses a bucket that cannot be one', () => {
    const s3 = { endpoint: '', region: 'r', accessKeyId: 'a', secretAccessKeyFile: join('/', 'dev', 'null') }
    assert.throws(() => openStore({ path: 's3://', s3 }), /archive\.path: 's3:\/\/' is not s3:\/\/BUCKET\/PREFIX/)
  })
})
