import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Value } from '@sinclair/typebox/value'
import type { TapContext } from '../../../connectors/connector.ts'
import { type RecordsOptions, recordsConnector } from '../../../connectors/records/index.ts'
import { testContext } from '../../support/context.ts'

let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-feed-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

const defaults = Value.Default(recordsConnector.schema, {}) as RecordsOptions

async function readFile(content: string, options: Partial<RecordsOptions>, changes: Partial<TapContext> = {}) {
  const path = join(folder, 'feed')
  writeFileSync(path, content)
  const context = testContext({ site: 'par1', ...changes })
  const tap = await recordsConnector.open({ ...defaults, source: 'file', path, ...options }, context)
  await tap.finished
  return context
}

describe('the records tap', () => {
  it('reads a feed with headings, separator and release causes of its own', async () => {
    const context = await readFile(
      'start;a;b;secs;cause;grp\n1764000000;+331;+332;30;16;ix-1\n1764000100;+331;+333;0;17;\n',
      {
        separator: ';',
        kind: 'call',
        columns: { time: 'Start', from: 'a', to: 'b', duration: 'secs', outcome: 'cause', trunk: 'grp' },
        outcomes: { '16': 'answered', '17': 'busy' },
      },
    )
    assert.deepEqual(
      context.activities.filter(activity => activity.role === 'origin').map(activity => activity.kind),
      ['call.attempt', 'call.answered', 'call.ended', 'call.attempt', 'call.failed'],
    )
    assert.deepEqual(context.activities[0]?.route, { tap: 'tap', site: 'par1', trunk: 'ix-1' })
    assert.equal(context.counters.decoded, 2)
  })

  it('reads JSON lines by mapped fields', async () => {
    const lines = [
      { ts: 1_764_000_000_000, kind: 'message', a: '+331', b: '+332', body: 'hello', ok: false },
      { ts: '2026-03-01T00:00:00Z', kind: 'call', a: '+331', b: '+332', duration: 3, outcome: 'answered' },
      { ts: {}, kind: 'message', a: '+331', b: '+332' },
      { kind: 'message', a: '+331', b: '+332' },
      [],
    ]
    const context = await readFile(`${lines.map(line => JSON.stringify(line)).join('\n')}\n{"ts`, {
      format: 'jsonl',
      columns: { time: 'ts', from: 'a', to: 'b', text: 'body', consent: 'ok' },
    })
    assert.equal(context.counters.decoded, 2)
    const content = context.messages()[0]?.content
    assert.equal(content?.text, undefined)
    assert.ok(content?.features)
    assert.deepEqual(Object.fromEntries(context.counters.dropped), {
      'field time is neither text nor number': 1,
      'column time is missing': 1,
      'not an object': 1,
      'not JSON': 1,
    })
  })

  it('reads files without a header, and survives causes named like parts of the language', async () => {
    const context = await readFile('1764000000,+331,+332,0,constructor\n1764000000,+331,+332,0,x1\n', {
      header: ['time', 'from', 'to', 'duration', 'outcome'],
      kind: 'call',
      outcomes: { x1: 'failed' },
    })
    assert.equal(context.counters.decoded, 1)
    assert.equal(context.counters.dropped.size, 1)
  })

  it('counts a header that lacks a column and reads nothing', async () => {
    const context = await readFile('time,from,to\n1764000000,+331,+332\n', {})
    assert.equal(context.activities.length, 0)
    assert.equal(context.counters.dropped.get('header lacks a column'), 1)
  })

  it('waits for the event log while it is behind', async () => {
    let waited = 0
    const lines = Array.from({ length: 20_000 }, (_, i) => `${1_764_000_000 + i},message,+331,+332,,`)
    const context = await readFile(
      `time,kind,from,to,duration,outcome\n${lines.join('\n')}\n`,
      {},
      {
        congested: () => true,
        durable: async () => {
          waited++
        },
      },
    )
    assert.equal(context.counters.decoded, 20_000)
    assert.ok(waited >= 2)
  })

  it('reads the new files of a directory in their order and puts them aside once they are durable', async () => {
    const path = mkdtempSync(join(folder, 'spool-'))
    const write = (name: string, from: string, agoS: number) => {
      writeFileSync(join(path, name), `time,kind,from,to,duration,outcome\n1764000000,message,${from},+332,,\n`)
      utimesSync(join(path, name), 1_764_000_000 - agoS, 1_764_000_000 - agoS)
    }
    write('b.csv', '+331', 60)
    write('a.csv', '+332', 30)
    write('note.txt', '+339', 30)
    write('growing.csv', '+339', 1)
    writeFileSync(join(path, 'bad.csv'), 'time,kind\n')
    utimesSync(join(path, 'bad.csv'), 1_763_999_000, 1_763_999_000)
    const context = testContext()
    const tap = await recordsConnector.open({ ...defaults, path, pollMs: 10 }, context)
    await context.emitted(4)
    write('c.csv', '+333', 20)
    await context.emitted(6)
    while (!existsSync(join(path, 'c.csv.done'))) await new Promise(resolve => setImmediate(resolve))
    await tap.close()
    assert.deepEqual(
      context.messages().map(message => message.from.party),
      ['+331', '+332', '+333'],
    )
    assert.deepEqual(readdirSync(path).sort(), [
      'a.csv.done',
      'b.csv.done',
      'bad.csv.rejected',
      'c.csv.done',
      'growing.csv',
      'note.txt',
    ])
  })

  it('reads standard input to its end', async () => {
    const script = `
      import { recordsConnector } from ${JSON.stringify(new URL('../../../connectors/records/index.js', import.meta.url).href)}
      import { testContext } from ${JSON.stringify(new URL('../../support/context.js', import.meta.url).href)}
      const context = testContext()
      const options = ${JSON.stringify({ ...defaults, source: 'stdin', format: 'jsonl' })}
      const tap = await recordsConnector.open(options, context)
      await tap.finished
      console.log(context.activities.map(activity => activity.kind).join())`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.end('{"time":1764000000,"kind":"message","from":"+331","to":"+332"}\n')
    let said = ''
    child.stdout.on('data', chunk => {
      said += chunk
    })
    await once(child, 'close')
    assert.equal(said.trim(), 'message,message')
  })

  it('says at once that its path cannot be read', async () => {
    await assert.rejects(recordsConnector.open({ ...defaults, path: join(folder, 'nowhere') }, testContext()), {
      code: 'TAP_FAILED',
    })
  })
})
