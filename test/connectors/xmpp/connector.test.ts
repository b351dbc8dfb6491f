import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import { Value } from '@sinclair/typebox/value'
import { createStreamReader, type XmlElement, type XmppOptions, xmppConnector } from '../../../connectors/xmpp/index.ts'
import type { Logger } from '../../../engine/observe/index.ts'
import { silent, testContext } from '../../support/context.ts'

const closers: (() => Promise<void> | void)[] = []
after(async () => {
  for (const close of closers.reverse()) await close()
})

const SECRET = 's3cret'

/** The server side of XEP-0114, by the letter of its clause 3. */
async function setUp(options: Partial<XmppOptions> = {}, logger: Logger = silent) {
  const arrivals: ((socket: Socket) => void)[] = []
  const replies: XmlElement[] = []
  const server = createServer(socket => {
    const reader = createStreamReader(
      {
        opened(header) {
          assert.equal(header.attributes.to, 'tap.example')
          socket.write(
            "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' id='abc'>",
          )
        },
        stanza(stanza) {
          if (stanza.name !== 'handshake') replies.push(stanza)
          else if (stanza.text === createHash('sha1').update(`abc${SECRET}`).digest('hex')) {
            socket.write('<handshake/>')
            arrivals.shift()?.(socket)
          } else {
            socket.end(
              "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
            )
          }
        },
        closed: () => {},
        dropped: fault => assert.fail(fault),
      },
      true,
    )
    socket.on('data', (bytes: Buffer) => reader.push(bytes, 0, bytes.length))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const arrived = () => new Promise<Socket>(resolve => arrivals.push(resolve))
  const first = arrived()
  const context = testContext({ logger })
  const defaults = Value.Default(xmppConnector.schema, {}) as XmppOptions
  const port = (server.address() as AddressInfo).port
  const tap = await xmppConnector.open(
    { ...defaults, port, domain: 'tap.example', secret: SECRET, retryMs: 10, ...options },
    context,
  )
  closers.push(async () => {
    await tap.close()
    server.close()
  })
  return { context, tap, first, arrived, replies }
}

describe('an XMPP component', () => {
  it('takes messages, forwarded messages and spam reports, and leaves copies and states out', async () => {
    const { context, first, replies } = await setUp()
    const socket = await first
    const forwarded = (inner: string) =>
      `<message from='x.org' to='tap.example'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-03-01T10:00:00Z'/>${inner}</forwarded></message>`
    socket.write(
      "<message from='Spam@X.org/phone' to='decoy@tap.example' id='m1'><body>Вы выиграли 🎁</body><body xml:lang='en'>You won</body></message>" +
        forwarded(
          "<message xmlns='jabber:client' from='+33123@x.org' to='b@y.org' id='m2'><body>inner</body></message>",
        ) +
        "<message from='a@x.org' to='tap.example' type='error'><body>bounced</body></message>" +
        "<message from='a@x.org' to='tap.example'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>" +
        "<message from='a@x.org' to='tap.example'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'/></received></message>" +
        "<message from='a@x.org' to='b@tap.example' id='m3'><encrypted xmlns='urn:xmpp:omemo:2'/><body>I sent you an encrypted message</body></message>" +
        "<iq type='set' id='r1' from='victim@x.org/home' to='tap.example'><block xmlns='urn:xmpp:blocking'><item jid='spam@x.org'><report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'/></item><item jid='merely-blocked@x.org'/></block></iq>" +
        "<iq type='get' id='p1' from='x.org' to='tap.example'><ping xmlns='urn:xmpp:ping'/></iq>",
    )
    await context.emitted(7)
    const [won, inner, encrypted] = context.messages()
    assert.equal(won?.content?.text, 'Вы выиграли 🎁')
    assert.equal(won?.from.party, 'Spam@x.org')
    assert.equal(inner?.content?.text, 'inner')
    assert.equal(inner?.from.party, '+33123')
    assert.equal(inner?.time, Date.UTC(2026, 2, 1, 10))
    assert.equal(encrypted?.content?.text, undefined)
    const reports = context.activities.filter(activity => activity.kind === 'feedback')
    assert.deepEqual(
      reports.map(report => [report.from.party, report.to?.party, report.kind === 'feedback' && report.opinion]),
      [['spam@x.org', 'victim@x.org', 'spam']],
    )
    assert.deepEqual(Object.fromEntries(context.counters.dropped), {
      'error stanza': 1,
      'no body': 1,
      'copy of a message': 1,
    })
    while (replies.length < 2) await new Promise(resolve => setImmediate(resolve))
    assert.deepEqual(
      replies.map(reply => [reply.attributes.id, reply.attributes.type]),
      [
        ['r1', 'result'],
        ['p1', 'result'],
      ],
    )
  })

  it('connects again when the server goes away', async () => {
    const { first, arrived, context } = await setUp()
    const second = arrived()
    ;(await first).destroy()
    ;(await second).write("<message from='a@x.org' to='b@tap.example'><body>back</body></message>")
    await context.emitted(2)
    assert.equal(context.messages()[0]?.content?.text, 'back')
  })

  it('says why the server refused it', async () => {
    const warned = new Promise<unknown>(resolve => {
      const logger: Logger = { ...silent, warn: fields => resolve(fields.reason) }
      void setUp({ secret: 'wrong', retryMs: 600_000 }, logger)
    })
    assert.equal(await warned, 'stream error: not-authorized')
  })
})
