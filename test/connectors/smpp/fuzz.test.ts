import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import smpp from 'smpp'
import { contentGate } from '../../../connectors/messages/index.ts'
import { createFramer, createSmppObserver, smppLink } from '../../../connectors/smpp/index.ts'
import { plainIdentity } from '../../support/context.ts'
import { generator, heapMb, mutate } from '../messages/mutate.ts'

const PDUS = 1_000_000

const addresses = { source_addr: '33123456789', source_addr_ton: 1, destination_addr: '4412345', sequence_number: 1 }
const seeds = [
  new smpp.PDU('submit_sm', { ...addresses, short_message: 'You have won' }),
  new smpp.PDU('deliver_sm', { ...addresses, short_message: Buffer.from('0500030102014142', 'hex'), esm_class: 0x40 }),
  new smpp.PDU('data_sm', { ...addresses, data_coding: 8, message_payload: Buffer.from('0627062206', 'hex') }),
  new smpp.PDU('submit_sm', {
    ...addresses,
    short_message: 'x',
    sar_msg_ref_num: 1,
    sar_total_segments: 2,
    sar_segment_seqnum: 1,
  }),
  new smpp.PDU('submit_multi', {
    ...addresses,
    dest_address: [{ dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '44111' }, { dl_name: 'friends' }],
    short_message: 'all',
  }),
  new smpp.PDU('bind_transceiver', { system_id: 'shop', sequence_number: 1 }),
].map(pdu => pdu.toBuffer())

describe('damaged SMPP', () => {
  it('neither stops nor fills the decoder: a million PDUs', () => {
    const next = generator(20_260_101)
    let activities = 0
    let drops = 0
    const gate = contentGate(
      { policy: 'inspect', withoutConsent: 'none', jurisdictions: {} },
      { features: () => ({}), fingerprint: () => '' },
    )
    const limits = { messages: 1000, characters: 100_000, waitMs: 60_000 }
    const observer = createSmppObserver({ smscDefault: 'gsm7', limits }, plainIdentity, gate, {
      emit: () => activities++,
      dropped: () => drops++,
    })
    const link = smppLink({ tap: 't' }, 'a b')
    let nowMs = 0
    const framer = createFramer(
      { pdu: (bytes, start, end) => observer.pdu(bytes, start, end, nowMs, link), dropped: () => drops++ },
      true,
    )
    const out = new Uint8Array(4096)
    let early = 0
    for (let i = 0; i < PDUS; i++) {
      if (i === PDUS / 10) early = heapMb()
      const seed = seeds[next() % seeds.length]!
      const length = mutate(seed, out, next)
      // Half go in whole, whatever their own length says; half as a stream.
      if ((i & 1) === 0) observer.pdu(out, 0, Math.max(16, length), nowMs, link)
      else framer.push(out, 0, length)
      nowMs += 3
      if (i % 1000 === 0) observer.expire(nowMs)
      if (i % 10_000 === 0) framer.gap()
    }
    observer.flush()
    assert.ok(framer.held <= 65_536)
    assert.ok(activities > PDUS / 20, `${activities} activities`)
    assert.ok(drops > PDUS / 20, `${drops} drops`)
    assert.ok(heapMb() - early < 60, 'memory flat')
  })
})
