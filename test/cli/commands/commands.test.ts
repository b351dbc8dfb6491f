import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Verdict } from '../../../engine/activity/index.ts'
import { ringfence, sample } from '../../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-cli-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, text?: string) => {
  const path = join(folder, name)
  if (text !== undefined) writeFileSync(path, text)
  return path
}
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)

/** The first line that differs, both ways, for a message that can be read. */
function firstDifference(a: readonly string[], b: readonly string[]): string | undefined {
  const at = Array.from({ length: Math.max(a.length, b.length) }).findIndex((_, i) => a[i] !== b[i])
  return at < 0 ? undefined : `line ${at + 1}:\n${a[at]}\n${b[at]}`
}

describe('ringfence', () => {
  it('explains itself, and exits 2 with a suggestion for what it does not know', async () => {
    const help = await ringfence(['--help'])
    assert.equal(help.code, 0)
    for (const command of ['run', 'demo', 'replay', 'inspect', 'check', 'explain'])
      assert.match(help.stdout, new RegExp(`\\n {2}${command} `))
    const typo = await ringfence(['replya'])
    assert.equal(typo.code, 2)
    assert.match(typo.stderr, /unknown command 'replya'\n\(Did you mean replay\?\)/)
    assert.equal((await ringfence(['replay'])).code, 2)
    assert.equal((await ringfence(['run', '--roles', 'tap,cook'])).code, 2)
  })

  it('says what a report needs that it was not given', async () => {
    const { code, stderr } = await ringfence(['report', '--from', '2026-01-01'])
    assert.equal(code, 2)
    assert.match(stderr, /report needs --from DAY --to DAY --out DIR/)
    const without = await ringfence(['report', '--from', '2026-01-01', '--to', '2026-02-01', '--out', 'nowhere'])
    assert.match(without.stderr, /neither --archive nor archive\.path says where it lies/)
  })
})

describe('ringfence demo and replay', () => {
  it('catch every campaign of the sample and nobody else, live and offline alike, byte for byte', async () => {
    const [live, first, second] = ['live.jsonl', 'first.jsonl', 'second.jsonl'].map(name => file(name))
    const demo = await ringfence(['demo', '--once', '--speed', '200', '--verdicts', live!])
    assert.equal(demo.code, 0, demo.stdout + demo.stderr)
    assert.match(demo.stdout, /✓ message-blast +4 of 4 flagged/)
    assert.match(demo.stdout, /✓ ordinary +0 of 62 wrongly flagged/)
    assert.match(demo.stderr, /Metrics: http:\/\/127\.0\.0\.1:\d+\/metrics/)
    for (const path of [first!, second!]) {
      const replay = await ringfence(['replay', sample, '--verdicts', path, '--parties', file('p.jsonl')])
      assert.equal(replay.code, 0, replay.stderr)
    }
    const [lived, once, twice] = [live, first, second].map(path => readFileSync(path!, 'utf8').split('\n'))
    assert.ok(once!.length > 800)
    assert.equal(firstDifference(twice!, once!), undefined)
    assert.equal(firstDifference(lived!, once!), undefined)
  })

  it('write one line a party with its worst standing', async () => {
    const { code, stdout } = await ringfence(['replay', sample, '--parties', '-'])
    assert.equal(code, 0)
    const parties = lines(stdout)
    for (const party of parties)
      for (const field of ['party', 'score', 'action', 'reasons', 'first', 'last', 'activities'])
        assert.ok(field in party, field)
    const wangiri = parties.find(({ party }) => party === '+2693212345')
    assert.equal(wangiri?.category, 'wangiri')
    assert.notEqual(wangiri?.action, 'allow')
  })

  it('name a file that cannot be read, or holds nothing known, and exit 1', async () => {
    const missing = await ringfence(['replay', file('missing.pcap')])
    assert.equal(missing.code, 1)
    assert.match(missing.stderr, /missing\.pcap/)
    const odd = await ringfence(['replay', file('odd.bin', 'what is this')])
    assert.equal(odd.code, 1)
    assert.match(odd.stderr, /odd\.bin: its format is not recognised\n {2}formats: pcap/)
  })

  it('go on after a cut capture, a bad line and a line that is no record, and say where', async () => {
    const cut = file('cut.pcap')
    writeFileSync(cut, readFileSync(sample).subarray(0, 100_001))
    const { code, stdout, stderr } = await ringfence(['replay', cut])
    assert.equal(code, 0)
    assert.match(stderr, /cut\.pcap: packet \d+: truncated/)
    assert.ok((JSON.parse(stdout) as { signals: number }).signals > 100)
    const csv = file(
      'calls.csv',
      'time,kind,from,to,duration,outcome\n2026-01-01T00:00:00Z,call,+33611001001,+33611001002,30,answered\nnonsense\n',
    )
    const records = await ringfence(['replay', csv])
    assert.equal(records.code, 0)
    assert.match(records.stderr, /calls\.csv: line 3: /)
    const column = await ringfence([
      'replay',
      file('column.csv', 'time,kind,from,duration,outcome\n1,call,a,1,answered\n'),
    ])
    assert.match(column.stderr, /column 'to'|to/)
  })
})

describe('ringfence replay --against', () => {
  it('says what a changed pack does by rule, action and party', async () => {
    const changed = join(folder, 'changed')
    mkdirSync(join(changed, 'rules'), { recursive: true })
    writeFileSync(
      join(changed, 'pack.yaml'),
      'name: changed\nversion: 1\nthresholds: { flag: 90, challenge: 91, divert: 92, block: 93 }\n',
    )
    writeFileSync(
      join(changed, 'rules', 'calls.yaml'),
      '- { symbol: WANGIRI, state: off }\n- { symbol: WANGIRI_SLOW, state: off }\n',
    )
    const { code, stdout, stderr } = await ringfence(['replay', sample, '--packs', changed, '--against', 'default'])
    assert.equal(code, 0, stderr)
    const { backtest } = JSON.parse(stdout) as {
      backtest: {
        rules: Record<string, { here: number; against: number }>
        parties: { party: string }[]
        actions: object
      }
    }
    assert.equal(backtest.rules.WANGIRI?.here, 0)
    assert.ok(backtest.rules.WANGIRI.against > 0)
    // Composites of the two change with them; nothing that does not hang on them does.
    assert.equal(backtest.rules.WANGIRI_SLOW?.here, 0)
    assert.ok(!('SEQUENTIAL_DIALLING' in backtest.rules))
    assert.deepEqual(
      backtest.parties.find(({ party }) => party === '+33977123456'),
      { party: '+33977123456', here: 'allow', against: 'block' },
    )
    assert.ok(Object.keys(backtest.actions).length > 0)
    const same = await ringfence(['replay', sample, '--against', 'default'])
    const nothing = (JSON.parse(same.stdout) as { backtest: object }).backtest
    assert.deepEqual({ ...nothing, packs: 0 }, { packs: 0, actions: {}, rules: {}, parties: [] })
  })
})

describe('ringfence inspect', () => {
  it('prints one JSON line a signal with method or status, parties and validity', async () => {
    const { code, stdout } = await ringfence(['inspect', sample])
    assert.equal(code, 0)
    const signals = lines(stdout)
    assert.equal(signals.length, 3642)
    for (const signal of signals) {
      for (const field of ['time', 'protocol', 'from', 'to', 'callId', 'valid']) assert.ok(field in signal, field)
      assert.ok('method' in signal || 'status' in signal)
    }
  })
})

describe('ringfence check', () => {
  it('validates the default configuration and pack', async () => {
    const { code, stdout } = await ringfence(['check'])
    assert.equal(code, 0)
    assert.ok((JSON.parse(stdout) as { rules: number }).rules >= 10)
  })

  it('names line, key and the nearest valid name of every mistake', async () => {
    const config = file('bad.yaml', 'taps:\n  - { name: a, type: hepp }\nserve:\n  lisen: x\n')
    const { code, stderr } = await ringfence(['check', '--config', config])
    assert.equal(code, 1)
    assert.match(stderr, /bad\.yaml:2: taps\.0\.type: 'hepp' is none of .*; did you mean 'hep'\?/)
    assert.match(stderr, /bad\.yaml:4: serve\.lisen: unknown key; did you mean 'listen'\?/)
  })

  it('refuses two taps of one name and a pack that is not there', async () => {
    const config = file('twice.yaml', 'taps:\n  - { name: a, type: hep }\n  - { name: a, type: hep }\n')
    assert.match((await ringfence(['check', '--config', config])).stderr, /two taps are named 'a'/)
    assert.match((await ringfence(['check', '--packs', join(folder, 'none')])).stderr, /none does not exist/)
  })
})

describe('ringfence explain', () => {
  it('shows why a party was stopped, with the same verdict that the replay gave', async () => {
    const { code, stdout } = await ringfence(['explain', '+2693212345', '--in', sample])
    assert.equal(code, 0)
    const { explanation } = JSON.parse(stdout) as { explanation: { standing: Verdict; rules: { matched: boolean }[] } }
    const verdicts = file('explained.jsonl')
    await ringfence(['replay', sample, '--verdicts', verdicts])
    const given = lines(readFileSync(verdicts, 'utf8')).find(({ id }) => id === explanation.standing.id)
    assert.deepEqual(given, explanation.standing)
    assert.ok(explanation.rules.some(({ matched }) => matched) && explanation.rules.some(({ matched }) => !matched))
  })

  it('shows why a call was let through: every rule that did not fire, and by what', async () => {
    const { stdout } = await ringfence(['explain', '+33600000111', '--in', sample])
    const found = JSON.parse(stdout) as { explanation: { rules: { terms: { holds: boolean; values: object }[] }[] } }
    assert.ok(
      found.explanation.rules
        .flatMap(({ terms }) => terms)
        .some(({ holds, values }) => !holds && Object.keys(values).length > 0),
    )
  })

  it('says where it looked when nothing is known', async () => {
    const { code, stderr } = await ringfence(['explain', '+999', '--in', sample])
    assert.equal(code, 1)
    assert.match(stderr, /nothing is known of '\+999'/)
  })
})
