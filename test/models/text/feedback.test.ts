import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Feedback } from '../../../engine/activity/index.ts'
import { feedbackRows, readFeedback } from '../../../models/text/index.ts'

let id = 0
function report(text: string, reporter: string, more: Partial<Feedback> = {}): Feedback {
  return { id: `f${id++}`, time: id, party: '+33100', reporter, source: 'report', opinion: 'spam', text, ...more }
}

test('three people or one analyst make a label, one person does not', () => {
  const three = ['a', 'b', 'c'].map(who => report('win a prize 1', who))
  assert.deepEqual(
    feedbackRows(three, 1000).rows.map(row => row.label),
    [1],
  )
  assert.equal(feedbackRows([report('win a prize', 'a')], 1000).rows.length, 0)
  assert.equal(feedbackRows([report('hello', 'x', { source: 'analyst', opinion: 'ham' })], 1000).rows[0]!.label, 0)
})

test('one reporter cannot label a campaign however often, nor many campaigns', () => {
  const often = Array.from({ length: 500 }, (_, i) => report(`win a prize ${i}`, 'a'))
  assert.equal(feedbackRows(often, 1000).rows.length, 0)
  const word = (i: number) => String.fromCharCode(97 + (i % 26)) + String.fromCharCode(97 + Math.floor(i / 26))
  const many = ['a', 'b', 'c'].flatMap(who =>
    Array.from({ length: 60 }, (_, i) => report(`offer ${word(i)} ${word(i)}`, who)),
  )
  const { rows, dropped } = feedbackRows(many, 100_000)
  assert.equal(rows.length, 20)
  assert.equal(dropped['reporter limit'], 120)
})

test('a campaign of many copies is one row, and all feedback at most a tenth of the data', () => {
  const campaign = Array.from({ length: 300 }, (_, i) => report(`your parcel ${i} waits`, `who${i}`))
  assert.equal(feedbackRows(campaign, 1000).rows.length, 1)
  const analyst = Array.from({ length: 26 }, (_, i) =>
    report(`text ${String.fromCharCode(97 + i).repeat(3)}`, 'x', { source: 'analyst' }),
  )
  const { rows, dropped } = feedbackRows(analyst, 100)
  assert.equal(rows.length, 10)
  assert.equal(dropped['share limit'], 16)
})

test('what people say both ways of is no label', () => {
  const both = [
    ...['a', 'b', 'c'].map(who => report('is this spam', who)),
    ...['d', 'e'].map(who => report('is this spam', who, { opinion: 'ham' })),
  ]
  assert.equal(feedbackRows(both, 1000).rows.length, 0)
})

test('who speaks against everybody else loses the trust that a label needs', () => {
  const word = (i: number) => String.fromCharCode(97 + i).repeat(4)
  const liars = ['l1', 'l2', 'l3', 'l4']
  const past = Array.from({ length: 8 }, (_, i) => [
    ...['a', 'b', 'c', 'd', 'e'].map(who => report(`prize of ${word(i)}`, who)),
    report(`prize of ${word(i)}`, liars[i % 4]!, { opinion: 'ham' }),
    report(`prize of ${word(i)}`, liars[(i + 1) % 4]!, { opinion: 'ham' }),
  ]).flat()
  const target = liars.map(who => report('dinner tonight', who))
  assert.equal(feedbackRows(target, 1000).rows.length, 1, 'four strangers are believed')
  const { rows } = feedbackRows([...past, ...target], 1000)
  assert.equal(rows.filter(row => row.text === 'dinner tonight').length, 0, 'four known liars are not')
  assert.equal(rows.length, 8)
  assert.ok(rows.every(row => row.label === 1))
})

test('feedback is read line by line, and a bad line named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-feedback-'))
  const file = join(folder, 'feedback.jsonl')
  writeFileSync(file, `${JSON.stringify(report('win', 'a'))}\n\n${JSON.stringify(report('lose', 'b'))}\n`)
  assert.equal(readFeedback(file).length, 2)
  writeFileSync(file, `${JSON.stringify(report('win', 'a'))}\n{"id":1}\n`)
  assert.throws(() => readFeedback(file), /feedback\.jsonl:2: /)
  rmSync(folder, { recursive: true })
})
