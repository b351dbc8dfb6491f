import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import smpp from 'smpp'
import { contentGate } from '../../../connectors/messages/index.ts'
import {
  createFramer,
  createSmppFlows,
  createSmppObserver,
  type SmppDrop,
  smppLink,
  smppOpens,
} from '../../../connectors/smpp/index.ts'
import type { Activity } from '../../../engine/activity/index.ts'
import { plainIdentity } from '../../support/context.ts'

const gate = contentGate(
  { policy: 'inspect', withoutConsent: 'none', jurisdictions: {} },
  { features: () => ({}), fingerprint: () => '' },
)

function setUp(limits = { messages: 10, characters: 10_000, waitMs: 60_000 }) {
  const activities: Activity[] = []
  const drops: SmppDrop[] = []
  const observer = createSmppObserver({ smscDefault: 'gsm7', limits }, plainIdentity, gate, {
    emit: activity => activities.push(activity),
    dropped: reason => drops.push(reason),
  })
  const link = smppLink({ tap: 't' }, 'a b')
  const see = (pdu: Buffer, timeMs = 1000) => observer.pdu(pdu, 0, pdu.length, timeMs, link)
  const texts = () =>
    activities.filter(a => a.role === 'origin').map(a => (a.kind === 'message' ? a.content?.text : undefined))
  return { activities, drops, observer, link, see, texts }
}

let sequence = 0
function submit(fields: Record<string, unknown>): Buffer {
  const addresses = { source_addr: '33123', destination_addr: '44123' }
  return new smpp.PDU('submit_sm', { ...addresses, ...fields, sequence_number: ++sequence }).toBuffer()
}
const part = (reference: number, parts: number, number: number, text: string) =>
  submit({
    short_message: Buffer.concat([Buffer.from([5, 0, 3, reference, parts, number]), Buffer.from(text)]),
    esm_class: 0x40,
    data_coding: 0,
  })

describe('the SMPP framer', () => {
  it('gives the same PDUs however the stream is cut', () => {
    const pdus = Array.from({ length: 20 }, (_, i) => submit({ short_message: 'x'.repeat(i * 7) }))
    const stream = Buffer.concat(pdus)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 60 }), steps => {
        const seen: string[] = []
        const framer = createFramer(
          {
            pdu: (bytes, start, end) => seen.push(Buffer.from(bytes.subarray(start, end)).toString('hex')),
            dropped: () => assert.fail(),
          },
          true,
        )
        let at = 0
        for (let i = 0; at < stream.length; i++) {
          const end = Math.min(stream.length, at + steps[i % steps.length]!)
          framer.push(stream, at, end)
          at = end
        }
        assert.deepEqual(
          seen,
          pdus.map(pdu => pdu.toString('hex')),
        )
      }),
    )
  })

  it('finds the next PDU after a length out of range, and after a beginning in the middle', () => {
    const good = submit({ short_message: 'after' })
    const lying = submit({ short_message: 'lies' })
    lying.writeUInt32BE(65_537, 0)
    for (const [prefix, inStep] of [
      [lying, true],
      [submit({ short_message: 'cut' }).subarray(9), false],
    ] as const) {
      const seen: string[] = []
      const drops: string[] = []
      const framer = createFramer(
        {
          pdu: (bytes, start, end) => seen.push(Buffer.from(bytes.subarray(start, end)).toString('hex')),
          dropped: reason => drops.push(reason),
        },
        inStep,
      )
      const stream = Buffer.concat([prefix, good])
      framer.push(stream, 0, stream.length)
      assert.deepEqual(seen, [good.toString('hex')])
      assert.ok(drops.includes('stream out of step'))
    }
  })

  it('counts a PDU that the stream ends within', () => {
    const drops: string[] = []
    const framer = createFramer({ pdu: () => assert.fail(), dropped: reason => drops.push(reason) }, true)
    const pdu = submit({ short_message: 'whole' })
    framer.push(pdu, 0, pdu.length - 1)
    framer.end()
    assert.deepEqual(drops, ['stream cut within a PDU'])
  })

  it('recognises a stream by its first header', () => {
    const pdu = submit({ short_message: 'x' })
    assert.equal(smppOpens(pdu, 0, pdu.length), 'yes')
    assert.equal(smppOpens(pdu, 0, 10), 'more')
    assert.equal(smppOpens(Buffer.from('INVITE sip:a@b SIP/2.0'), 0, 20), 'no')
  })
})

describe('the SMPP observer', () => {
  it('joins parts in any order and passes over a repeated one', () => {
    const { see, texts, drops } = setUp()
    see(part(1, 3, 3, 'c'))
    see(part(1, 3, 1, 'a'))
    see(part(1, 3, 1, 'a'))
    see(part(1, 3, 2, 'b'))
    assert.deepEqual(texts(), ['abc'])
    assert.deepEqual(drops, ['part repeated'])
  })

  it('gives out what came of a message whose parts stop coming', () => {
    const { see, texts, drops, observer } = setUp()
    see(part(1, 3, 1, 'a'), 1000)
    observer.expire(60_999)
    assert.deepEqual(texts(), [])
    observer.expire(61_000)
    assert.deepEqual(texts(), ['a'])
    assert.deepEqual(drops, ['parts missing'])
  })

  it('holds no more unfinished messages and characters than its limits', () => {
    const { see, texts } = setUp({ messages: 3, characters: 100, waitMs: 60_000 })
    for (let i = 0; i < 50; i++) see(part(i, 2, 1, `message ${i}`))
    assert.equal(texts().length, 47)
    const wide = setUp({ messages: 1000, characters: 100, waitMs: 60_000 })
    for (let i = 0; i < 50; i++) wide.see(part(i, 2, 1, 'x'.repeat(60)))
    assert.equal(wide.texts().length, 49)
  })

  it('begins anew when a reference comes again for another message', () => {
    const { see, texts, drops } = setUp()
    see(part(1, 3, 1, 'old'))
    see(part(1, 2, 1, 'new '))
    see(part(1, 2, 2, 'one'))
    assert.deepEqual(texts(), ['old', 'new one'])
    assert.deepEqual(drops, ['parts missing'])
  })

  it('gives one id to a PDU seen twice and others after numbering begins anew', () => {
    const pdu = submit({ short_message: 'same' })
    const once = setUp()
    once.see(pdu)
    const again = setUp()
    again.see(pdu)
    assert.equal(once.activities[0]!.id, again.activities[0]!.id)
    again.see(pdu)
    assert.notEqual(again.activities[0]!.id, again.activities[2]!.id)
  })

  it('gives out text of a broken charset and counts it, and numbering that begins anew', () => {
    const { see, drops, texts } = setUp()
    see(submit({ short_message: Buffer.from('041f0440ff', 'hex'), data_coding: 8 }))
    see(submit({ short_message: Buffer.from([0x82]), data_coding: 5 }))
    const late = submit({ short_message: 'late' })
    late.writeUInt32BE(900_000, 12)
    see(late)
    see(submit({ short_message: 'early' }))
    assert.deepEqual(drops, ['invalid charset', 'invalid charset', 'sequence reset'])
    assert.equal(texts()[0], 'Пр')
    assert.equal(texts().length, 4)
  })

  it('counts each damage by its reason', () => {
    const { see, drops, activities } = setUp()
    const sound = submit({ short_message: 'text' })
    const cut = Buffer.from(sound.subarray(0, 24))
    const long = Buffer.from(sound)
    long[long.length - 5] = 200
    const tail = Buffer.concat([sound, Buffer.from([0x04, 0x24, 0xff, 0xff])])
    const endless = Buffer.concat([sound.subarray(0, 16), Buffer.alloc(200, 0x41)])
    for (const pdu of [cut, long, tail, endless]) see(pdu)
    const unknown = Buffer.from(sound)
    unknown.writeUInt32BE(0x99, 4)
    see(unknown)
    see(submit({ short_message: 'x', source_addr: '' }))
    assert.deepEqual(drops, [
      'text field without an end',
      'text length beyond the PDU',
      'optional parameter beyond the PDU',
      'text field without an end',
      'unknown command',
      'no sender or recipient',
    ])
    assert.equal(activities.length, 0)
  })

  it('follows many connections of a capture, each from where it is first seen', () => {
    const { observer, texts, drops, activities } = setUp()
    const flows = createSmppFlows({ name: 'cap', site: 'par1' }, observer, reason => drops.push(reason))
    const envelope = {
      timeMs: 5,
      source: '10.0.0.1',
      sourcePort: 40_000,
      destination: '10.0.0.2',
      destinationPort: 2775,
      transport: 'tcp' as const,
      correlationId: '',
    }
    const bind = new smpp.PDU('bind_transmitter', { system_id: 'shop', sequence_number: 1 }).toBuffer()
    const stream = Buffer.concat([bind, submit({ short_message: 'one' }), submit({ short_message: 'two' })])
    flows.signal(stream, 0, 70, envelope)
    flows.signal(stream, 70, stream.length, envelope)
    flows.flush()
    assert.deepEqual(texts(), ['one', 'two'])
    assert.deepEqual(activities[0]!.route, {
      tap: 'cap',
      site: 'par1',
      transport: 'tcp',
      peer: '10.0.0.1',
      trunk: 'shop',
    })
  })
})
