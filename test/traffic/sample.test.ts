import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readHepCapture } from '../support/hep-capture.ts'
import { hostOf, network } from './network.ts'
import { DURATION_MS, isAnswered, type PlannedCall } from './plan.ts'
import { planTraffic, SAMPLE_SEED } from './traffic.ts'
import { truthCsv } from './truth.ts'

const folder = fileURLToPath(new URL('../../../test/data/', import.meta.url))
const plan = planTraffic(SAMPLE_SEED)
const messages = readHepCapture(join(folder, 'sample.pcap'))
const first = messages[0]!.timeMs

/** How many of what, by a name each. */
function countBy<T>(items: Iterable<T>, nameOf: (item: T) => string): Record<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1)
  return Object.fromEntries([...counts].sort())
}

const userOf = (header: string) => /<sip:([^@>]*)/.exec(header)?.[1] ?? ''
const requests = (method: string) => messages.filter(message => message.startLine.startsWith(`${method} `))
const scannerHost = hostOf(network.scanner)
const isScanner = (address: string) => hostOf(address) === scannerHost
/** Final responses to INVITEs of others than the scanner. */
const finals = messages.filter(
  ({ startLine, header, destination }) =>
    /^SIP\/2\.0 [2-6]/.test(startLine) && header('CSeq').endsWith(' INVITE') && !isScanner(destination),
)

describe('the sample traffic', () => {
  it('is small enough to be committed', () => {
    const total = readdirSync(folder)
      .filter(name => name.startsWith('sample.'))
      .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
    assert.ok(total < 2_000_000, `${total} bytes`)
  })

  it('lasts ten minutes, in the order of its clock', () => {
    const last = messages.at(-1)!.timeMs
    assert.ok(Math.abs(last - first - DURATION_MS) < 60_000, `${(last - first) / 1000} s`)
    for (const [index, { timeMs }] of messages.entries())
      if (index > 0) assert.ok(timeMs - messages[index - 1]!.timeMs > -50, `packet ${index + 1}`)
  })

  it('holds each message once', () => {
    const keys = messages.map(
      ({ startLine, header, bytes }) => `${startLine} ${header('Call-ID')} ${header('CSeq')} ${bytes.length}`,
    )
    assert.equal(new Set(keys).size, keys.length)
  })

  it('holds the calls that were planned, caller by caller', () => {
    const invites = requests('INVITE').filter(({ source }) => !isScanner(source))
    assert.deepEqual(
      countBy(invites, ({ header }) => userOf(header('From'))),
      countBy(plan.calls, ({ from }) => from.number),
    )
  })

  it('holds the outcomes that were planned', () => {
    const statusOf = ({ outcome }: PlannedCall) =>
      isAnswered(outcome)
        ? '200'
        : { busy: '486', declined: '603', absent: '480', unknown: '404', 'given-up': '487' }[outcome as 'busy']
    assert.deepEqual(
      countBy(finals, ({ startLine }) => startLine.split(' ')[1]!),
      countBy(plan.calls, statusOf),
    )
    assert.equal(requests('BYE').length, plan.calls.filter(({ outcome }) => isAnswered(outcome)).length)
    assert.equal(requests('CANCEL').length, plan.calls.filter(({ outcome }) => outcome === 'given-up').length)
  })

  it('holds the texts that were planned, sender by sender', () => {
    assert.deepEqual(
      countBy(requests('MESSAGE'), ({ header, body }) => `${userOf(header('From'))} ${userOf(header('To'))} ${body}`),
      countBy(plan.messages, ({ from, to, text }) => `${from.number} ${to} ${text}`),
    )
  })

  it('holds the probes of one address, none of which got through', () => {
    const probes = messages.filter(({ source }) => isScanner(source))
    assert.deepEqual(
      countBy(probes, ({ startLine }) => startLine.split(' ')[0]!),
      countBy(plan.probes, ({ method }) => method),
    )
    const answers = messages.filter(({ destination }) => isScanner(destination))
    assert.deepEqual(
      countBy(answers, ({ startLine }) => startLine.split(' ')[1]!),
      { '401': 70, '404': 40 },
    )
  })

  it('has the table of truth that its plan gives', () => {
    assert.equal(readFileSync(join(folder, 'sample.truth.csv'), 'utf8'), truthCsv(plan.truth))
  })

  it('knows every party that acts', () => {
    const known = new Set(plan.truth.map(({ party }) => party))
    const actors = [...requests('INVITE'), ...requests('MESSAGE')]
      .filter(({ source }) => !isScanner(source))
      .map(({ header }) => userOf(header('From')))
    assert.deepEqual(
      [...new Set(actors)].filter(party => !known.has(party)),
      [],
    )
  })
})
