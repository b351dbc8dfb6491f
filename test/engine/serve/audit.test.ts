import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openAuditTrail } from '../../../engine/serve/index.ts'
import { limitFileSize } from '../../support/processes.ts'

const JANUARY = Date.UTC(2026, 0, 31, 23, 59)
const change = (subject: string) => ({ who: 'ann', role: 'analyst', what: 'list.change', subject, detail: { n: 1 } })
const folder = () => mkdtempSync(join(tmpdir(), 'ringfence-audit-'))

describe('the audit trail', () => {
  it('goes on over months and restarts, each entry chained to the one before', async () => {
    const at = folder()
    let nowMs = JANUARY
    const before = await openAuditTrail(at, () => nowMs)
    await Promise.all([before.record(change('a')), before.record(change('b'))])
    nowMs += 120_000
    await before.close()
    const trail = await openAuditTrail(at, () => nowMs)
    await trail.record(change('c'))
    assert.deepEqual(
      trail.page(10).map(({ seq, subject }) => [seq, subject]),
      [
        [3, 'c'],
        [2, 'b'],
        [1, 'a'],
      ],
    )
    assert.deepEqual(
      trail.page(1, 3).map(({ subject }) => subject),
      ['b'],
    )
    assert.equal(trail.broken(), undefined)
    assert.equal(readFileSync(join(at, '2026-02.jsonl'), 'utf8').split('\n').length, 2)
  })

  it('shows what was altered or taken out', async () => {
    const at = folder()
    const trail = await openAuditTrail(at, () => JANUARY)
    for (const subject of ['a', 'b', 'c']) await trail.record(change(subject))
    const path = join(at, '2026-01.jsonl')
    const whole = readFileSync(path, 'utf8')
    writeFileSync(path, whole.replace('"subject":"b"', '"subject":"x"'))
    assert.equal(trail.broken(), 2)
    writeFileSync(
      path,
      whole
        .split('\n')
        .filter(line => !line.includes('"subject":"b"'))
        .join('\n'),
    )
    assert.equal(trail.broken(), 3)
  })

  it('cuts off a line that a crash tore, which nobody was told of', async () => {
    const at = folder()
    const before = await openAuditTrail(at, () => JANUARY)
    await before.record(change('a'))
    appendFileSync(join(at, '2026-01.jsonl'), '{"seq":2,"time":17')
    const trail = await openAuditTrail(at, () => JANUARY)
    const { seq } = await trail.record(change('b'))
    assert.equal(seq, 2)
    assert.equal(trail.broken(), undefined)
  })

  it('takes back what a full disk left of entries, and goes on when there is room', async () => {
    const at = folder()
    const trail = await openAuditTrail(at, () => JANUARY)
    await trail.record(change('a'))
    const path = join(at, '2026-01.jsonl')
    const whole = readFileSync(path, 'utf8')
    limitFileSize(process.pid, whole.length + 100)
    const refused = await Promise.allSettled(['b', 'c', 'd'].map(subject => trail.record(change(subject))))
    limitFileSize(process.pid, 'unlimited')
    assert.deepEqual(
      refused.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    )
    assert.equal(readFileSync(path, 'utf8'), whole)
    assert.equal((await trail.record(change('e'))).seq, 2)
    assert.equal(trail.broken(), undefined)
  })

  it('says when its folder cannot be had', async () => {
    const at = folder()
    writeFileSync(join(at, 'file'), '')
    await assert.rejects(
      openAuditTrail(join(at, 'file'), () => 0),
      /cannot write the audit trail/,
    )
  })
})
