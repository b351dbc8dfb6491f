import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { compareWithTruth, readTruth, type TruthRow } from '../../../cli/demo/truth.ts'

const row = (party: string, role: string, expected: TruthRow['expected']): TruthRow => ({
  party,
  role,
  kind: 'call',
  expected,
  note: '',
})
const truth = [
  row('+1', 'wangiri', 'flag'),
  row('+2', 'robocaller', 'flag'),
  row('+3', 'robocaller', 'flag'),
  row('+4', 'ordinary', 'allow'),
  row('130@x', 'scanner', 'either'),
]

describe('table of truth', () => {
  it('is perfect when every campaign is found and nobody else is flagged', () => {
    const score = compareWithTruth(truth, new Set(['+1', '+2', '+3', '130@x']))
    assert.equal(score.perfect, true)
    assert.equal(score.ordinary, 1)
  })

  it('counts what was missed, by campaign, and who was wronged', () => {
    const score = compareWithTruth(truth, new Set(['+1', '+2', '+4', '+9']))
    assert.equal(score.perfect, false)
    assert.deepEqual(score.falsePositives, ['+4', '+9'])
    assert.deepEqual(score.campaigns, [
      { name: 'wangiri', parties: 1, flagged: 1 },
      { name: 'robocaller', parties: 2, flagged: 1 },
    ])
  })

  it('names the line and the column that is wrong', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'truth-')), 't.csv')
    writeFileSync(file, 'party,role,kind,note\n')
    assert.throws(() => readTruth(file), /t\.csv:1: column 'expected' is missing/)
    writeFileSync(file, 'party,role,kind,expected,note\n+1,a,call,flag,\n+2,a,call,maybe,\n')
    assert.throws(() => readTruth(file), /t\.csv:3: expected is 'maybe', not flag or allow or either/)
    writeFileSync(file, 'party,role,kind,expected,note\n+1,a,call,flag,fast\n')
    assert.deepEqual(readTruth(file), [{ party: '+1', role: 'a', kind: 'call', expected: 'flag', note: 'fast' }])
  })
})
