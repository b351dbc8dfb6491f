import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLogger } from '../../../engine/observe/index.ts'

describe('logger', () => {
  it('lets a burst of one message through, then only counts until the window ends', () => {
    const lines: string[] = []
    let nowMs = 0
    const logger = createLogger({
      level: 'info',
      burst: 3,
      windowMs: 1000,
      now: () => nowMs,
      destination: { write: line => lines.push(line) },
    })
    for (let i = 0; i < 100_000; i++) logger.warn({ i }, 'bad packet')
    logger.warn({}, 'another')
    assert.equal(lines.length, 4)
    nowMs = 1000
    logger.warn({}, 'bad packet')
    assert.equal(JSON.parse(lines[4]!).suppressed, 99_997)
  })

  it('carries the fields of its parents and respects the level', () => {
    const lines: string[] = []
    const logger = createLogger({ level: 'info', destination: { write: line => lines.push(line) } }).child({
      tap: 'hep-1',
    })
    logger.debug({}, 'no')
    logger.error({ reason: 'x' }, 'yes')
    assert.equal(lines.length, 1)
    assert.deepEqual(
      { ...JSON.parse(lines[0]!), time: 0 },
      { level: 50, time: 0, tap: 'hep-1', reason: 'x', msg: 'yes' },
    )
  })
})
