import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { fit, showProgress } from '../../../cli/terminal/index.ts'

describe('terminal text', () => {
  it('fits any text into exactly its columns', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        assert.equal(stringWidth(fit(text, width)), width)
      }),
    )
  })

  it('cuts with an ellipsis and pads on the side asked for', () => {
    assert.equal(fit('abcdef', 4), 'abc…')
    assert.equal(fit('ab', 4, 'right'), '  ab')
    assert.equal(fit('你好吗', 4), '你… ')
  })

  it('lets no control character through', () => {
    assert.equal(fit('a\u001b[2Jb\u0007', 8), 'a [2Jb  ')
  })
})

describe('progress', () => {
  const run = (isTTY: boolean) => {
    const written: string[] = []
    let nowMs = 0
    const progress = showProgress('reading', 100, { isTTY, write: text => written.push(text) }, () => nowMs)
    for (let done = 1; done <= 100; done++) {
      nowMs += 120
      progress.update(done)
    }
    progress.finish()
    return written
  }

  it('redraws one line on a terminal and clears it at the end', () => {
    const written = run(true)
    assert.ok(written.length > 50)
    assert.ok(written.every(text => text.startsWith('\r\u001b[2K') && !text.includes('\n')))
    assert.match(written[49]!, /reading █{12}░{12} {2}50 % 6 s left/)
    assert.equal(written.at(-1), '\r\u001b[2K')
  })

  it('writes a line now and then elsewhere', () => {
    const written = run(false)
    assert.equal(written.length, 2)
    assert.ok(written.every(text => text.endsWith('\n')))
  })
})
