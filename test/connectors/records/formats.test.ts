import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { recordFormats } from '../../../connectors/records/index.ts'
import type { Activity } from '../../../engine/activity/index.ts'
import { RingfenceError } from '../../../engine/errors/index.ts'
import type { Identity } from '../../../engine/identity/index.ts'

const identity: Identity = {
  ofNumber: raw => `+${raw.replace(/\D/g, '')}`,
  ofUser: (user, host) => `sip:${user}@${host}`,
  numberFacts: () => ({ isNumber: false, valid: false, type: 'unknown', country: '' }),
}

let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-records-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

interface Outcome {
  readonly format: string
  readonly activities: readonly Activity[]
  readonly drops: readonly string[]
}

async function read(content: string | Uint8Array): Promise<Outcome> {
  const path = join(folder, 'records')
  writeFileSync(path, content)
  const head = Buffer.from(content).subarray(0, 4096)
  const format = recordFormats.find(candidate => candidate.detect(head, path))
  assert.ok(format, 'recognised')
  const activities: Activity[] = []
  const drops: string[] = []
  await format.read(
    path,
    {
      signal: () => assert.fail('records hold activities, not signals'),
      activity: activity => activities.push(activity),
      dropped: (reason, place) => drops.push(`${place}: ${reason}`),
    },
    { identity, progress: () => {} },
  )
  return { format: format.format, activities, drops }
}

const summary = (activities: readonly Activity[]) =>
  activities.map(a => `${a.time - 1_764_000_000_000} ${a.kind} ${a.role} ${a.from.party} ${a.to?.party}`)

describe('call and message records as CSV', () => {
  it('turns an answered call into attempt, answer and end, in the order of their times', async () => {
    const { format, activities, drops } = await read(
      'time,kind,from,to,duration,outcome\n' +
        '1764000000000,call,+33 1 23,+33 4 56,60,answered\n' +
        '1764000010000,message,+33123,+33789,,\n' +
        '1764000020000,call,+33123,+33789,5.5,answered\n',
    )
    assert.equal(format, 'records')
    assert.deepEqual(drops, [])
    assert.deepEqual(summary(activities), [
      '0 call.attempt origin +33123 +33456',
      '0 call.attempt target +33123 +33456',
      '0 call.answered origin +33123 +33456',
      '10000 message origin +33123 +33789',
      '10000 message target +33123 +33789',
      '20000 call.attempt origin +33123 +33789',
      '20000 call.attempt target +33123 +33789',
      '20000 call.answered origin +33123 +33789',
      '25500 call.ended origin +33123 +33789',
      '60000 call.ended origin +33123 +33456',
    ])
    const ended = activities.find(activity => activity.kind === 'call.ended')
    assert.equal(ended?.kind === 'call.ended' && ended.duration, 5.5)
  })

  it('turns a call that was not answered into a failure with its status', async () => {
    const rows = [
      ['busy', 486, 'target'],
      ['NO ANSWER', 480, 'timeout'],
      ['cancelled', 487, 'origin'],
      ['failed', 500, 'network'],
      ['486', 486, 'target'],
      ['607', 607, 'network'],
    ] as const
    const { activities } = await read(
      `time,kind,from,to,duration,outcome\n${rows.map(([outcome]) => `1764000000,call,+331,+332,0,${outcome}`).join('\n')}`,
    )
    const failures = activities.filter(activity => activity.kind === 'call.failed')
    assert.deepEqual(
      failures.map(failure => failure.kind === 'call.failed' && [failure.status, failure.endedBy]),
      rows.map(([, status, endedBy]) => [status, endedBy]),
    )
  })

  it('gives one id to both copies of an event, and other ids to identical lines of one instant', async () => {
    const line = '1764000000000,message,+331,+332,,,"hello"\n'
    const { activities } = await read(`time,kind,from,to,duration,outcome,text\n${line}${line}`)
    const ids = activities.map(activity => activity.id)
    assert.equal(ids[0], ids[1])
    assert.equal(ids[2], ids[3])
    assert.notEqual(ids[0], ids[2])
    const again = await read(`time,kind,from,to,duration,outcome,text\n${line}${line}`)
    assert.deepEqual(
      again.activities.map(activity => activity.id),
      ids,
    )
  })

  it('reads a byte order mark, CRLF, columns in any order and quoted fields over several lines', async () => {
    const { activities, drops } = await read(
      '\ufeffText,To,From,Kind,Time,Outcome,Duration\r\n' +
        '"Say ""yes"",\r\nor no",+332,+331,message,2026-03-01T00:00:00Z,,\r\n' +
        'plain,+332,+331,message,2026-03-01T00:00:01Z,,\r\n',
    )
    assert.deepEqual(drops, [])
    assert.deepEqual(
      activities.filter(a => a.role === 'origin').map(a => a.kind === 'message' && a.content?.text),
      ['Say "yes",\nor no', 'plain'],
    )
  })

  it('drops a bad line with its number and reason and reads the rest', async () => {
    const { activities, drops } = await read(
      'time,kind,from,to,duration,outcome,text\n' +
        'soon,call,+331,+332,1,answered,\n' +
        '1764000000,fax,+331,+332,1,answered,\n' +
        '1764000000,call,,+332,1,answered,\n' +
        '1764000000,call,+331\n' +
        '1764000000,call,+331,+332,-1,answered,\n' +
        '1764000000,call,+331,+332,1,perhaps,\n' +
        '1764000000,call,+331,+332,,answered,\n' +
        `1764000000,message,${'x'.repeat(300)},+332,,,\n1764000000,message,${'9'.repeat(5000)},+332,,,\n` +
        '1764000000,message,+331,+332,,,good\n',
    )
    assert.equal(activities.length, 2)
    assert.deepEqual(
      drops.map(drop => drop.replace(/ (is none of answered).*/, ' $1')),
      [
        'line 2: time is neither ISO 8601 nor epoch seconds or milliseconds',
        'line 3: kind is neither call nor message',
        'line 4: from is empty',
        'line 5: column to is missing',
        'line 6: duration is not a number of seconds from 0 to 2678400',
        'line 7: outcome is none of answered',
        'line 8: duration is not a number of seconds from 0 to 2678400',
        'line 9: party too long',
        'line 10: party too long',
      ],
    )
  })

  it('loses only the line whose quote never closes', async () => {
    const good = (text: string) => `1764000000,message,+331,+332,,,${text}\n`
    const { activities, drops } = await read(
      `time,kind,from,to,duration,outcome,text\n${good('"open')}${good('a')}${good('"b"')}${good('"c""')}${good('d')}`,
    )
    assert.deepEqual(drops, ['line 2: text after a closing quote', 'line 5: quoted field is not closed'])
    assert.deepEqual(
      activities.filter(a => a.role === 'origin').map(a => a.kind === 'message' && a.content?.text),
      ['a', 'b', 'd'],
    )
  })

  it('refuses a header that lacks a column with one line that names it', async () => {
    await assert.rejects(read('time,kind,from,duration,outcome\n1764000000,call,+331,1,answered\n'), error => {
      assert.ok(error instanceof RingfenceError)
      assert.equal(error.code, 'INPUT_INVALID')
      assert.equal(error.message, 'records line 1: column to is missing')
      return true
    })
  })

  it('says so when the file cannot be opened', async () => {
    const sink = { signal: () => {}, activity: () => {}, dropped: () => {} }
    for (const format of recordFormats) {
      await assert.rejects(format.read(join(folder, 'none'), sink, { identity, progress: () => {} }), error => {
        assert.ok(error instanceof RingfenceError)
        assert.equal(error.code, 'INPUT_UNREADABLE')
        return true
      })
    }
  })

  it('passes over a line beyond a megabyte and goes on', async () => {
    const { activities, drops } = await read(
      `time,kind,from,to,duration,outcome,text\n1764000000,message,1,2,,,${'x'.repeat(3_000_000)}\n1764000000,message,+331,+332,,,ok\n`,
    )
    assert.deepEqual(drops, ['line 2: line too long'])
    assert.equal(activities.length, 2)
  })

  it('never throws on damaged rows and gives activities in time order', async () => {
    const cell = fc.oneof(
      fc.constantFrom('1764000000', '1764000050', 'call', 'message', '+331', '30', 'answered', 'busy', '"', '', '""'),
      fc.string({ maxLength: 8 }),
    )
    const row = fc.oneof(
      fc.array(cell, { maxLength: 9 }).map(cells => cells.join(',')),
      fc.nat(99).map(s => `${1_764_000_000 + s},call,+331,+332,${s},answered`),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), async rows => {
        const { activities } = await read(`time,kind,from,to,duration,outcome,text\n${rows.join('\n')}\n`)
        const ends = activities.filter(activity => activity.kind === 'call.ended').length
        const answers = activities.filter(activity => activity.kind === 'call.answered').length
        assert.equal(ends, answers)
      }),
      { numRuns: 100 },
    )
  })
})

describe('message records as tab-separated values', () => {
  it('keeps ids that are no numbers, quotes, and tabs in the text', async () => {
    const { format, activities, drops } = await read(
      'time\tfrom\tto\ttext\n1970.01.08 12:23:00\tnus-en:83ac\tnus-en:a48\tSay "hi"\tnow\n2011.2.8 14:08:28\t+65 91\tBANK\t"x\n',
    )
    assert.equal(format, 'messages')
    assert.deepEqual(drops, [])
    const origin = activities.filter(activity => activity.role === 'origin')
    assert.deepEqual(
      origin.map(a => [a.time, a.from.party, a.to?.party, a.kind === 'message' && a.content?.text]),
      [
        [Date.UTC(1970, 0, 8, 12, 23), 'nus-en:83ac', 'nus-en:a48', 'Say "hi"\tnow'],
        [Date.UTC(2011, 1, 8, 14, 8, 28), '+6591', 'BANK', '"x'],
      ],
    )
  })

  it('reads a file without a header', async () => {
    const { activities } = await read('1970.01.08 12:23:00\ta\tb\thello\n')
    assert.equal(activities.length, 2)
  })
})

describe('activities as JSON lines', () => {
  const activity = {
    id: 'x',
    role: 'origin',
    kind: 'call.failed',
    time: 5,
    from: { party: '+331' },
    route: { tap: 't' },
    status: 486,
    endedBy: 'target',
  }

  it('gives them as they are, unknown fields included', async () => {
    const known = { ...activity, extra: { kept: true } }
    const { format, activities } = await read(`${JSON.stringify(known)}\n`)
    assert.equal(format, 'activity')
    assert.deepEqual(activities, [known])
  })

  it('drops a line that does not validate with the field that is wrong', async () => {
    const lines = [
      JSON.stringify({ ...activity, status: 'x' }),
      '{"kind":',
      JSON.stringify({ ...activity, kind: 'call.lost' }),
      '{}',
      JSON.stringify(activity),
    ]
    const { activities, drops } = await read(lines.join('\n'))
    assert.equal(activities.length, 1)
    assert.match(drops[0]!, /^line 1: \/status: /)
    assert.equal(drops[1], 'line 2: not JSON')
    assert.match(drops[2]!, /^line 3: \/kind: is none of call\.attempt/)
    assert.equal(drops.length, 4)
  })
})
