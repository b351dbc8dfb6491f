import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import {
  checkSip,
  createSipMessage,
  createSipObserver,
  describeSip,
  firstText,
  Header,
  readSip,
  type SipMessage,
  sipReasons,
} from '../../../connectors/sip/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { tapCounters } from '../../../engine/observe/index.ts'
import { mixedCorpus } from '../../bench/sip/corpus.ts'
import { createDice, mutate } from './mutate.ts'
import { envelopeAt, T0 } from './scene.ts'
import { either } from './vectors/rfc4475-either.ts'
import { malformed } from './vectors/rfc4475-invalid.ts'
import { wellFormed } from './vectors/rfc4475-valid.ts'
import { wellFormedToo } from './vectors/rfc4475-valid-more.ts'
import { ipv6 } from './vectors/rfc5118.ts'

const MUTANTS = 1_000_000
/** Every this many-th mutant also goes through description and dialogs, which cost more. */
const DEEP_EVERY = 5

const seeds: readonly Uint8Array[] = [
  ...[wellFormed, wellFormedToo, malformed, either, ipv6].flatMap(set => Object.values(set)),
  ...mixedCorpus(1),
]

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Live heap in megabytes, after a full collection. */
function heapMb(): number {
  collect()
  return process.memoryUsage().heapUsed / 1e6
}

/** Offsets lie within what was given, in order, whatever the message is. */
function assertSane(message: SipMessage, start: number, end: number): void {
  let at = start
  for (let line = 0; line < message.headerCount; line++) {
    const nameStart = message.nameStarts[line]!
    const nameEnd = message.nameEnds[line]!
    const valueStart = message.valueStarts[line]!
    const valueEnd = message.valueEnds[line]!
    if (nameStart < at || nameEnd <= nameStart || valueStart < nameEnd || valueEnd < valueStart || valueEnd > end) {
      assert.fail(`header ${line} at ${nameStart}..${valueEnd} of ${start}..${end}`)
    }
    at = valueEnd
  }
  if (message.bodyStart < at || message.bodyEnd < message.bodyStart || message.bodyEnd > end)
    assert.fail('body outside')
}

describe('hostile input', () => {
  it('a million mutated messages: no throw, offsets sane, memory bounded', () => {
    const dice = createDice(20_261_121)
    const out = Buffer.alloc(16_384)
    const message = createSipMessage()
    const identity = createIdentity({ defaultCountry: 'FR', cacheSize: 10_000 })
    let activities = 0
    const counters = tapCounters()
    const observer = createSipObserver({
      tap: 'fuzz',
      identity,
      counters,
      options: {
        maxCalls: 500,
        legHeader: 'x-cid',
        trustedPeers: ['203.0.113.7'],
        trunks: [{ trunk: 't', via: '*.example.com', trunkGroup: 'g' }],
      },
      emit: activity => {
        activities++
        assert.ok(activity.from.party.length > 0 && activity.from.party.length <= 256)
      },
    })
    const envelope = envelopeAt(T0)
    const reasons = new Set<string | undefined>()
    let heapBefore = 0
    for (let i = 0; i < MUTANTS; i++) {
      if (i === MUTANTS / 4) heapBefore = heapMb()
      const start = i & 7
      const length = mutate(seeds, dice, out)
      out.copyWithin(start, 0, length)
      const end = Math.min(start + length, out.length)
      if (readSip(message, out, start, end, (i & 1) === 0 ? 'datagram' : 'stream')) assertSane(message, start, end)
      if (i % DEEP_EVERY !== 0) continue
      reasons.add(message.reason === 'not-sip' ? 'not-sip' : checkSip(message))
      describeSip(identity, out, start, end)
      envelope.timeMs = T0 + i
      observer.observe(out, start, end, envelope)
      assert.ok(observer.stats.tracked <= 1000)
    }
    const heapAfter = heapMb()
    assert.ok(heapAfter < heapBefore + 8, `${heapBefore} MB after a quarter, ${heapAfter} MB at the end`)
    observer.close()
    // The mutants reach the whole list of reasons (but the one for streams, which checkSip reports only there).
    for (const reason of sipReasons) assert.ok(reasons.has(reason) || reason === 'too-many-headers', reason)
    assert.ok(reasons.has(undefined))
    assert.ok(activities > 1000)
    assert.ok(counters.dropped.size <= 3)
  })

  it('any bytes at all, and a start line with any bytes after it', () => {
    const message = createSipMessage()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, begins) => {
        const bytes = begins ? Buffer.concat([Buffer.from('INVITE sip:a@b SIP/2.0\r\n'), noise]) : noise
        if (readSip(message, bytes, 0, bytes.length)) {
          assertSane(message, 0, bytes.length)
          checkSip(message)
          firstText(message, Header.callId)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('more header lines than can be located are counted as an attack, and what stands before is read', () => {
    const bytes = Buffer.from(`INVITE sip:a@b SIP/2.0\r\nCall-ID: x\r\n${'X: y\r\n'.repeat(5000)}\r\n`)
    const message = createSipMessage()
    readSip(message, bytes, 0, bytes.length)
    assert.equal(message.reason, 'too-many-headers')
    assert.equal(firstText(message, Header.callId), 'x')
  })

  // A quadratic step over half a megabyte would take hours: the time-out is there for the hang, not for the speed.
  it('comes to an end with half a megabyte of quotes, folds, parameters and commas in every header', {
    timeout: 60_000,
  }, () => {
    const message = createSipMessage()
    const identity = createIdentity({ defaultCountry: 'FR' })
    const observer = createSipObserver({ tap: 't', identity, counters: tapCounters(), emit: () => {} })
    const names = ['Via', 'From', 'To', 'Contact', 'P-Asserted-Identity', 'Diversion', 'Authorization', 'Content-Type']
    for (const piece of ['"', ';a="', ',<sip:a@b>', '\r\n ', ';tag=', '<', '\\', ';;', '"\\"', 'a=b,', ' response=']) {
      const value = piece.repeat(500_000 / piece.length)
      const headers = names.map(name => `${name}: ${value}\r\n`).join('')
      for (const method of ['INVITE', 'MESSAGE', 'REGISTER']) {
        const bytes = Buffer.from(
          `${method} sip:a@b SIP/2.0\r\n${headers}Call-ID: ${piece.length}\r\nCSeq: 1 ${method}\r\n\r\n`,
        )
        assert.ok(readSip(message, bytes, 0, bytes.length))
        checkSip(message)
        observer.observe(bytes, 0, bytes.length, envelopeAt(T0))
      }
    }
  })
})
