import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { after, describe, it } from 'node:test'
import { Value } from '@sinclair/typebox/value'
import smpp, { type Fields, type Received, type Session } from 'smpp'
import type { TapContext } from '../../../connectors/connector.ts'
import { type SmppOptions, smppConnector } from '../../../connectors/smpp/index.ts'
import { testContext } from '../../support/context.ts'

const closers: (() => void | Promise<void>)[] = []
after(async () => {
  for (const close of closers.reverse()) await close()
})

/** A real SMSC (the smpp package) behind our proxy and a real ESME before it. */
async function setUp(changes: Partial<TapContext> = {}, options: Partial<SmppOptions> = {}) {
  const received: Received[] = []
  const sessions: Session[] = []
  const smsc = smpp.createServer(session => {
    sessions.push(session)
    session.on('error', () => {})
    session.on('pdu', (pdu: Received) => {
      if (pdu.isResponse()) return
      received.push(pdu)
      session.send(pdu.response({ message_id: `m${received.length}` }))
    })
  })
  smsc.listen(0, '127.0.0.1')
  await once(smsc, 'listening')
  const context = testContext(changes)
  const defaults = Value.Default(smppConnector.schema, {}) as SmppOptions
  const tap = await smppConnector.open(
    {
      ...defaults,
      host: '127.0.0.1',
      port: 0,
      upstreamHost: '127.0.0.1',
      upstreamPort: (smsc.address() as AddressInfo).port,
      ...options,
    },
    context,
  )
  const esme = smpp.connect({ host: '127.0.0.1', port: Number(tap.address.split(':').at(-1)) })
  esme.on('error', () => {})
  const call = (send: (done: (pdu: Received) => void) => void) => new Promise<Received>(resolve => send(resolve))
  await call(done => esme.bind_transceiver({ system_id: 'shop', password: 'x' }, done))
  const closed = async () => {
    esme.socket.destroy()
    await tap.close()
    smsc.close()
  }
  closers.push(closed)
  return {
    context,
    tap,
    esme,
    received,
    smscSession: () => sessions[0]!,
    submit: (fields: Fields) =>
      call(done =>
        esme.submit_sm(
          { source_addr: '33123456789', source_addr_ton: 1, destination_addr: '4412345', dest_addr_ton: 1, ...fields },
          done,
        ),
      ),
    call,
  }
}

const header = (...elements: number[]) => Buffer.from([elements.length, ...elements])

const scripts: Readonly<Record<string, string>> = {
  Latin: 'Señor, ¿10 € or [20]? ~ {ok}',
  Greek: 'Καλημέρα, κερδίσατε!',
  Cyrillic: 'Вы выиграли приз 🎁',
  Arabic: 'مبروك! ربحت جائزة',
  Hebrew: 'זכית בפרס גדול',
  Devanagari: 'बधाई हो! आपने जीता',
  Han: '恭喜您中奖了𠮷',
  Thai: 'ยินดีด้วย คุณได้รับรางวัล',
  Hangul: '축하합니다 당첨',
}

describe('an SMPP proxy between a real ESME and a real SMSC', () => {
  it('holds every script in UCS-2 as it was sent, single and in parts', async () => {
    const { context, submit } = await setUp()
    const texts: string[] = []
    for (const text of Object.values(scripts)) {
      const bytes = Buffer.from(text, 'utf16le').swap16()
      await submit({ short_message: bytes, data_coding: 8 })
      texts.push(text)
      const long = text.repeat(9)
      const whole = Buffer.from(long, 'utf16le').swap16()
      const parts = Math.ceil(whole.length / 134)
      for (let part = parts; part >= 1; part--) {
        const udh = header(0x00, 3, texts.length, parts, part)
        const body = Buffer.concat([udh, whole.subarray((part - 1) * 134, part * 134)])
        await submit({ short_message: body, data_coding: 8, esm_class: 0x40 })
      }
      texts.push(long)
    }
    assert.deepEqual(
      context.messages().map(message => message.content?.text),
      texts,
    )
    assert.equal(context.messages()[0]?.from.party, '+33123456789')
    assert.equal(context.messages()[0]?.route.trunk, 'shop')
    assert.equal(context.counters.dropped.size, 0)
  })

  it('holds the GSM alphabet as it was sent, with extension and national tables, single and in parts', async () => {
    const { context, submit } = await setUp()
    const latin = scripts.Latin!
    await submit({ short_message: latin })
    const bytes = smpp.gsmCoder.encode(latin.repeat(9), 0)
    const parts = 3
    for (const part of [2, 1, 3]) {
      // Cut between characters: an escape stays with its letter.
      const [from, to] = [[0, 100, 200, bytes.length][part - 1]!, [0, 100, 200, bytes.length][part]!]
      const udh = header(0x08, 4, 1, 2, parts, part)
      await submit({ short_message: Buffer.concat([udh, bytes.subarray(from, to)]), data_coding: 0, esm_class: 0x40 })
    }
    const hindi = Buffer.concat([header(0x25, 1, 6, 0x24, 1, 6), Buffer.from('2f424c5f27591b1c', 'hex')])
    await submit({ short_message: hindi, data_coding: 0, esm_class: 0x40 })
    await submit({
      short_message: Buffer.concat([header(0x24, 1, 1), Buffer.from('1b471b73', 'hex')]),
      data_coding: 0,
      esm_class: 0x40,
    })
    assert.deepEqual(
      context.messages().map(message => message.content?.text),
      [latin, latin.repeat(9), 'नमस्ते०', 'Ğş'],
    )
  })

  it('reads SAR parameters, message_payload, Latin-1, binary and alphanumeric senders', async () => {
    const { context, submit, esme, call } = await setUp()
    const sar = (part: number, text: string) =>
      submit({ short_message: text, sar_msg_ref_num: 7, sar_total_segments: 2, sar_segment_seqnum: part })
    await sar(1, 'first ')
    await sar(2, 'second')
    await call(done =>
      esme.data_sm(
        {
          source_addr: 'BANK',
          source_addr_ton: 5,
          destination_addr: '4412345',
          dest_addr_ton: 1,
          data_coding: 3,
          message_payload: Buffer.from('Zoë', 'latin1'),
        },
        done,
      ),
    )
    await submit({ short_message: Buffer.from([1, 2, 3]), data_coding: 4 })
    const [joined, payload, binary] = context.messages()
    assert.equal(joined?.content?.text, 'first second')
    assert.equal(payload?.content?.text, 'Zoë')
    assert.equal(payload?.from.party, 'BANK')
    assert.deepEqual(binary?.content, { type: 'application/octet-stream' })
  })

  it('makes a message of each destination of a submit_multi', async () => {
    const { context, esme, call } = await setUp()
    await call(done =>
      esme.submit_multi(
        {
          source_addr: '33123456789',
          source_addr_ton: 1,
          dest_address: [
            { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '44111' },
            { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '44222' },
            { dl_name: 'friends' },
          ],
          short_message: 'hello all',
        },
        done,
      ),
    )
    const messages = context.messages()
    assert.deepEqual(
      messages.map(message => message.to?.party),
      ['+44111', '+44222', 'dl:friends'],
    )
    assert.equal(new Set(messages.map(message => message.id)).size, 3)
  })

  it('leaves delivery receipts out and takes a delivered message', async () => {
    const { context, smscSession } = await setUp()
    const deliver = (fields: Fields) =>
      smscSession().deliver_sm({ source_addr: '44111', source_addr_ton: 1, destination_addr: '7726', ...fields })
    const receipt = 'id:m1 sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:DELIVRD err:000 text:hi'
    deliver({ short_message: receipt, esm_class: 0x04 })
    deliver({ short_message: receipt })
    deliver({ short_message: 'x', receipted_message_id: 'm1' })
    deliver({ short_message: 'a real one' })
    await context.emitted(2)
    assert.deepEqual(
      context.messages().map(message => message.content?.text),
      ['a real one'],
    )
    assert.equal(context.counters.dropped.get('delivery receipt'), 3)
  })

  for (const [what, changes] of [
    [
      'throws',
      {
        emit: () => {
          throw new Error('engine gone')
        },
      },
    ],
    ['is congested', { congested: () => true }],
  ] as const) {
    it(`passes every PDU unchanged when the engine ${what} in the middle of traffic`, async () => {
      let gone = false
      const context = testContext()
      const { submit, received, esme } = await setUp({
        counters: context.counters,
        emit: activity => {
          if (gone && 'emit' in changes) changes.emit()
          context.emit(activity)
        },
        congested: () => gone && 'congested' in changes,
      })
      const send = (i: number) => submit({ short_message: `message ${i} ${'x'.repeat(i % 100)}` })
      await Promise.all(Array.from({ length: 200 }, (_, i) => send(i)))
      gone = true
      await Promise.all(Array.from({ length: 200 }, (_, i) => send(200 + i)))
      const texts = received
        .filter(pdu => pdu.command === 'submit_sm')
        .map(pdu => (pdu.short_message as { message: string }).message)
      assert.deepEqual(
        texts,
        Array.from({ length: 400 }, (_, i) => `message ${i} ${'x'.repeat(i % 100)}`),
      )
      assert.ok(
        (context.counters.dropped.get('watcher failed') ?? 0) + (context.counters.dropped.get('engine behind') ?? 0) >
          0,
      )
      assert.ok(esme.socket.writable)
    })
  }

  it('forwards octets that are no SMPP unchanged, both ways, half-closed too', async () => {
    const echo = createServer({ allowHalfOpen: true }, socket => {
      const chunks: Buffer[] = []
      socket.on('data', chunk => chunks.push(chunk))
      socket.on('end', () => socket.end(Buffer.concat(chunks)))
    })
    echo.listen(0, '127.0.0.1')
    await once(echo, 'listening')
    const context = testContext()
    const defaults = Value.Default(smppConnector.schema, {}) as SmppOptions
    const upstreamPort = (echo.address() as AddressInfo).port
    const tap = await smppConnector.open({ ...defaults, host: '127.0.0.1', port: 0, upstreamPort }, context)
    closers.push(async () => {
      await tap.close()
      echo.close()
    })
    const client = connect({ host: '127.0.0.1', port: Number(tap.address.split(':').at(-1)), allowHalfOpen: true })
    const sent = Buffer.alloc(3_000_000, 0).map((_, i) => (i * 7919) & 0xff)
    const back: Buffer[] = []
    client.on('data', chunk => back.push(chunk))
    client.end(sent)
    await once(client, 'end')
    assert.ok(Buffer.concat(back).equals(sent))
    assert.ok((context.counters.dropped.get('length out of range') ?? 0) > 0)
  })
})
