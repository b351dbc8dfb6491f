import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCorrelator, createEventClock } from '../../../connectors/correlate/index.ts'
import type { Envelope } from '../../../connectors/signal.ts'
import { callMessages, tapHarness } from '../../support/tap.ts'

const envelope = (timeMs: number): Envelope => ({
  timeMs,
  source: '192.0.2.1',
  sourcePort: 5060,
  destination: '192.0.2.2',
  destinationPort: 5060,
  transport: 'udp',
  correlationId: '',
})

test('event time is the latest capture time and the wall time since', () => {
  const clock = createEventClock()
  assert.equal(clock.at(5_000_000), 0)
  clock.seen(1000, 9000)
  assert.equal(clock.at(9000), 1000)
  assert.equal(clock.at(9500), 1500)
  clock.seen(400, 9600)
  assert.equal(clock.at(9700), 1700)
  clock.seen(5000, 9800)
  assert.equal(clock.at(9900), 5100)
  // A wall clock set back does not turn event time back.
  assert.equal(clock.at(1), 5000)
})

test('a call that nobody answers fails although no packet comes any more', t => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_764_000_000_000 })
  const harness = tapHarness({ now: Date.now })
  const correlator = createCorrelator(harness.context)
  const [invite] = callMessages('silent')
  // Captured a year ago: capture time is what counts.
  correlator.signal('sip', invite!, 0, invite!.length, envelope(1_732_000_000_000))
  const kinds = () => harness.activities.map(({ kind }) => kind)
  t.mock.timers.tick(200_000)
  assert.ok(!kinds().includes('call.failed'))
  t.mock.timers.tick(200_000)
  assert.ok(kinds().includes('call.failed'))
  correlator.close()
})

test('signals of other protocols go to their observer, or are counted', () => {
  const harness = tapHarness()
  const seen: string[] = []
  const xmpp = {
    observe: (bytes: Uint8Array, start: number, end: number) =>
      seen.push(Buffer.from(bytes.subarray(start, end)).toString()),
    advance: () => {},
    close: () => seen.push('closed'),
  }
  const correlator = createCorrelator(harness.context, { others: { xmpp } })
  const bytes = Buffer.from('<message/>')
  correlator.signal('xmpp', bytes, 0, bytes.length, envelope(1))
  correlator.signal('rtcp', bytes, 0, bytes.length, envelope(1))
  correlator.close()
  assert.deepEqual(seen, ['<message/>', 'closed'])
  assert.deepEqual([...harness.counters.dropped], [['ignored-rtcp', 1]])
})
