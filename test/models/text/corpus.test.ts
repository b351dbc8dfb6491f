import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTextRows, textRow, withoutDuplicates } from '../../../models/text/index.ts'

test('a labelled file gives rows with kinds', () => {
  const rows = parseTextRows('label\tkind\ttext\nspam\tscam\tgive me money\nham\totp\tcode 123\n', 'thai.tsv')
  assert.deepEqual(
    rows.map(row => [row.label, row.kind]),
    [
      [1, 'scam'],
      [0, 'code'],
    ],
  )
})

test('a bad header or line is refused with its place', () => {
  assert.throws(() => parseTextRows('a\tb\n', 'x.tsv'), /x\.tsv:1: header/)
  assert.throws(() => parseTextRows('label\tkind\ttext\nmaybe\tx\ty\n', 'x.tsv'), /x\.tsv:2:/)
})

test('duplicates fall to the first, disputed texts fall altogether', () => {
  const rows = [
    textRow('a.tsv', 'Win  NOW', 1, 'spam'),
    textRow('b.tsv', 'win now', 1, 'spam'),
    textRow('a.tsv', 'hello', 0, 'ham'),
    textRow('b.tsv', 'Hello', 1, 'spam'),
  ]
  assert.deepEqual(
    withoutDuplicates(rows).map(row => row.text),
    ['Win  NOW'],
  )
})

test('copies of one template share a group whatever their numbers', () => {
  assert.equal(textRow('a', 'Call 0800 111 now!', 1, 'x').group, textRow('b', 'call 0900-222 NOW', 1, 'x').group)
  assert.notEqual(textRow('a', 'call me', 0, 'x').group, textRow('a', 'call us', 0, 'x').group)
})
