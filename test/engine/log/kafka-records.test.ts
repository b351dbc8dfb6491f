import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import kafkaJsDecoder from 'kafkajs/src/protocol/decoder.js'
import kafkaJsBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js'
import { crc32c } from '../../../engine/log/kafka/records/crc32c.ts'
import { decodeRecords, encodeBatch, type OutRecord } from '../../../engine/log/kafka/records/index.ts'

const outRecord: fc.Arbitrary<OutRecord> = fc.record({
  key: fc.option(fc.string({ unit: 'binary' }), { nil: null }),
  value: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null }),
  timeMs: fc.oneof(
    fc.integer({ min: 0, max: 4e12 }),
    fc.integer({ min: -1000, max: 1000 }),
    fc.double({ min: 0, max: 2 ** 53, noNaN: true }),
  ),
})

const options = { timestampMs: 1_764_000_000_000, producerId: 7n, producerEpoch: 1, sequence: 0 } as const
const encoded = (records: readonly OutRecord[], compression: 'none' | 'gzip' = 'none') =>
  encodeBatch(records, { ...options, compression })
const plain = (count: number): OutRecord[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: Buffer.from(`value ${i}`), timeMs: i }))

/** As a broker stores it: at an offset, under a codec of the broker's choice, with the attributes given. */
function stored(
  batch: Buffer,
  change: { offset?: number; codec?: number; packed?: Uint8Array; attributes?: number; producerId?: bigint },
): Buffer {
  const out = change.packed === undefined ? Buffer.from(batch) : Buffer.concat([batch.subarray(0, 61), change.packed])
  out.writeBigInt64BE(BigInt(change.offset ?? 0), 0)
  out.writeInt32BE(out.length - 12, 8)
  out.writeInt16BE((change.codec ?? 0) | (change.attributes ?? 0), 21)
  if (change.producerId !== undefined) out.writeBigInt64BE(change.producerId, 43)
  out.writeUInt32BE(crc32c(out, 21), 17)
  return out
}

describe('record batches', () => {
  it('carry a check sum as RFC 3720 has it', () => {
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa)
    assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43)
    assert.equal(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i))), 0x46dd794e)
    assert.equal(crc32c(Buffer.from('xx123456789y'), 2, 11), 0xe3069283)
  })

  it('come back as they went, plain and packed', () => {
    fc.assert(
      fc.property(fc.array(outRecord, { minLength: 1 }), fc.constantFrom('none', 'gzip'), (records, compression) => {
        const { records: back, nextOffset } = decodeRecords(encoded(records, compression), 0, [])
        assert.equal(nextOffset, records.length)
        assert.deepEqual(
          back.map(({ key, value, timeMs, offset }) => ({ key, value: value && Buffer.from(value), timeMs, offset })),
          records.map(({ key, value, timeMs }, offset) => ({
            // Unpaired surrogates have no UTF-8 form.
            key: key === null ? null : Buffer.from(key).toString(),
            value: value && Buffer.from(value),
            timeMs,
            offset,
          })),
        )
      }),
    )
  })

  it('are what another client reads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(outRecord, { minLength: 1 }), async records => {
        const batch = await kafkaJsBatch(new kafkaJsDecoder(encoded(records)))
        assert.deepEqual(
          batch.records.map(({ key, value, headers, offset, timestamp }) => ({
            key: key?.toString() ?? null,
            value,
            time: headers.time?.toString(),
            offset,
            timestamp,
          })),
          records.map(({ key, value, timeMs }, offset) => ({
            key: key === null ? null : Buffer.from(key).toString(),
            value: value && Buffer.from(value),
            time: String(timeMs),
            offset: String(offset),
            timestamp: String(options.timestampMs),
          })),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('begin where was asked, though the broker sends the whole batch', () => {
    const batch = stored(encoded(plain(10)), { offset: 100 })
    const { records, nextOffset } = decodeRecords(batch, 104, [])
    assert.deepEqual(
      records.map(({ offset }) => offset),
      [104, 105, 106, 107, 108, 109],
    )
    assert.equal(nextOffset, 110)
  })

  it('wait for the rest of one that is cut off', () => {
    const first = encoded(plain(3))
    const second = stored(encoded(plain(2)), { offset: 3 })
    for (const cut of [1, 12, 30, 61, second.length - 1]) {
      const { records, nextOffset } = decodeRecords(Buffer.concat([first, second.subarray(0, cut)]), 0, [])
      assert.equal(records.length, 3)
      assert.equal(nextOffset, 3)
    }
    assert.equal(decodeRecords(Buffer.concat([first, second]), 0, []).records.length, 5)
  })

  it('of an aborted transaction are passed over, those after it are not', () => {
    const transactional = (offset: number, producerId: bigint) =>
      stored(encoded(plain(2)), { offset, attributes: 0x10, producerId })
    const abort = Buffer.from([20, 0, 0, 0, 8, 0, 0, 0, 0, 1, 0])
    const marker = (offset: number, producerId: bigint) =>
      stored(encoded(plain(1)), { offset, attributes: 0x30, producerId, packed: abort })
    const log = Buffer.concat([
      transactional(0, 1n),
      transactional(2, 2n),
      marker(4, 1n),
      transactional(5, 1n),
      marker(7, 2n),
    ])
    const { records, nextOffset } = decodeRecords(log, 0, [{ producerId: 1, firstOffset: 0 }])
    assert.deepEqual(
      records.map(({ offset }) => offset),
      [2, 3, 5, 6],
    )
    assert.equal(nextOffset, 8)
  })

  it('that are damaged become one record with their bytes and the reason, and what follows is read', () => {
    const good = encoded(plain(3))
    const flipped = Buffer.from(good)
    flipped[70]! ^= 1
    const after = stored(encoded(plain(1)), { offset: 3 })
    for (const [batch, reason] of [
      [flipped, /checksum/],
      [stored(good, { codec: 1 }), /^gzip: /],
      [stored(good, { codec: 2 }), /^snappy: /],
      [stored(good, { codec: 3 }), /^lz4: /],
      [stored(good, { codec: 4 }), /^zstd: /],
      [stored(good, { codec: 7 }), /codec 7/],
      [stored(good, { packed: good.subarray(61, 80) }), /beyond/],
    ] as const) {
      const { records, nextOffset } = decodeRecords(Buffer.concat([batch, after]), 0, [])
      assert.equal(records.length, 2, String(reason))
      assert.match(records[0]!.unreadable!, reason)
      assert.deepEqual(Buffer.from(records[0]!.value!), batch)
      assert.deepEqual([records[1]!.offset, records[1]!.unreadable, nextOffset], [3, undefined, 4])
    }
  })

  it('of clients before Kafka 0.11 are parked too', () => {
    const old = Buffer.alloc(34)
    old.writeBigInt64BE(5n, 0)
    old.writeInt32BE(22, 8)
    old[16] = 1
    const { records, nextOffset } = decodeRecords(old, 5, [])
    assert.match(records[0]!.unreadable!, /format 1/)
    assert.equal(nextOffset, 6)
  })

  it('of any bytes at all are read or parked, never thrown', () => {
    fc.assert(
      fc.property(
        fc.array(outRecord, { minLength: 1, maxLength: 5 }),
        fc.nat(4),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
        (records, codec, changes) => {
          const body = encoded(records).subarray(61)
          const packed = codec === 1 ? gzipSync(body) : Buffer.from(body)
          for (const [at, byte] of changes) packed[at % packed.length] = byte
          const batch = stored(encoded(records), { codec, packed })
          const { records: back, nextOffset } = decodeRecords(batch, 0, [])
          assert.equal(nextOffset, records.length)
          assert.ok(back.length > 0)
        },
      ),
      // A length that swallows the offset: the record then seemed to lie before what was asked for.
      { examples: [[[{ key: null, value: Buffer.alloc(0), timeMs: 0 }], 0, [[0, 132]]]] },
    )
    for (let i = 0; i < 500; i++) decodeRecords(randomBytes(200), 0, [])
  })
})
