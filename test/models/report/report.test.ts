import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textReport } from '../../../models/report/index.ts'
import { summarise, textRow } from '../../../models/text/index.ts'

test('a report shows figures, both charts and the worst mistakes, with texts escaped', () => {
  const rows = [
    { ...textRow('a.tsv', '<script>alert(1)</script>', 1, 'spam'), score: 0.1 },
    { ...textRow('a.tsv', 'friendly & kind', 0, 'ham'), score: 0.9 },
    { ...textRow('a.tsv', 'win', 1, 'spam'), score: 0.95 },
  ]
  const html = textReport(summarise(rows, 'text-1', 0.5), rows)
  assert.ok(!html.includes('<script>'))
  assert.ok(html.includes('&#60;script&#62;'))
  assert.ok(html.includes('friendly &#38; kind'))
  assert.equal(html.match(/<svg /g)?.length, 2)
  assert.match(html, /<td>a\.tsv<\/td><td>3<\/td><td>2<\/td>/)
})
