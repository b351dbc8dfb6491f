import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import createRequest from 'kafkajs/src/protocol/request.js'
import { createArena } from '../../../engine/log/kafka/arena.ts'
import { requestBody } from '../../../engine/log/kafka/framing.ts'

const request = (encode: () => Promise<object>) =>
  createRequest({ correlationId: 7, clientId: 'ringfence', request: { apiKey: 0, apiVersion: 7, encode } })

describe('requests put together by us', () => {
  it('are the bytes that kafkajs makes', async () => {
    const arena = createArena()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 8 }), async bytes => {
        arena.reset()
        const parts = bytes.map(each => Buffer.from(each))
        const whole = Buffer.concat(parts)
        const theirs = await request(async () => new Encoder().writeEncoder({ buf: whole, buffer: whole }))
        const ours = await request(async () => requestBody(parts, arena.take))
        assert.deepEqual(ours.buffer, theirs.buffer)
      }),
    )
  })
})

describe('memory for requests', () => {
  it('gives bytes that do not overlap until it is reset, and the same again after it', () => {
    const arena = createArena()
    const sizes = [10, 300_000, 70, 900_000, 5]
    const taken = sizes.map(size => arena.take(size))
    for (const [i, bytes] of taken.entries()) bytes.fill(i)
    for (const [i, bytes] of taken.entries()) {
      assert.equal(bytes.length, sizes[i])
      assert.ok(bytes.every(byte => byte === i))
    }
    arena.reset()
    const first = arena.take(100)
    arena.reset()
    assert.equal(arena.take(100).byteOffset, first.byteOffset)
    assert.equal(arena.take(100).buffer, first.buffer)
  })
})
