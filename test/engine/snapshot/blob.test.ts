import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { blobState, createSnapshotWriter, restoreSnapshot } from '../../../engine/snapshot/index.ts'
import { fakeLog } from './fakes.ts'

const mark = { offsets: {}, versions: {} }

describe('a small state saved whole', () => {
  for (const length of [0, 1, 1000, 256 * 1024, 700_001]) {
    it(`comes back with its ${length} bytes, and only changed parts are written again`, async () => {
      const log = fakeLog(true)
      const bytes = Buffer.alloc(length, 'pack')
      const state = blobState(
        'lists',
        '1',
        () => bytes,
        () => {},
      )
      const writer = createSnapshotWriter({ log, partition: 0, sections: [state], base: { generation: 0 } })
      await writer.write(mark)
      assert.equal(writer.written.pages, Math.ceil(length / (256 * 1024)))
      if (length > 0) bytes[length - 1] = 0
      const before = writer.written.pages
      await writer.write(mark)
      assert.equal(writer.written.pages - before, length === 0 ? 0 : 1)

      let restored: Buffer | undefined
      const result = await restoreSnapshot(log, 0, () => [
        blobState(
          'lists',
          '1',
          () => Buffer.alloc(0),
          got => {
            restored = Buffer.from(got)
          },
        ),
      ])
      assert.equal(result.outcome, 'restored')
      assert.ok(restored?.equals(bytes))
    })
  }

  it('writes again what a given-up snapshot did not take', async () => {
    const log = fakeLog(true)
    const state = blobState(
      'lists',
      '1',
      () => Buffer.from('x'),
      () => {},
    )
    const frozen = state.freeze(false)
    frozen.release()
    const writer = createSnapshotWriter({ log, partition: 0, sections: [state], base: { generation: 0 } })
    await writer.write(mark)
    assert.equal(writer.written.pages, 1)
  })
})
