import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import { WebSocket } from 'ws'
import { type ChatOptions, chatConnector } from '../../../connectors/chat/index.ts'
import type { TapContext } from '../../../connectors/connector.ts'
import { parseJson } from '../../../connectors/messages/index.ts'
import { testContext } from '../../support/context.ts'
import { testCertificate, testKey, writeTestCertificate } from '../../support/tls.ts'

const closers: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closers) await close()
})

const token = 'a-token-of-some-length'

async function setUp(changes: Partial<TapContext> = {}, options: Partial<ChatOptions> = {}) {
  const context = testContext(changes)
  const defaults = Value.Default(chatConnector.schema, {}) as ChatOptions
  const tokens = [{ name: 'rcs-hub', token }]
  const tap = await chatConnector.open({ ...defaults, port: 0, tokens, ...options }, context)
  closers.push(() => tap.close())
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`http://${tap.address}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const open = async (authorization = `Bearer ${token}`) => {
    const socket = new WebSocket(`ws://${tap.address}/v1/messages`, { headers: { authorization } })
    await once(socket, 'open')
    return socket
  }
  return { context, tap, post, open }
}

const message = (id: string, more: object = {}) => ({ id, from: '+33123', to: '+44123', text: `text ${id}`, ...more })

describe('the chat webhook', () => {
  it('speaks TLS with a certificate, to clients of its authority only where it has one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-chat-'))
    closers.push(async () => rmSync(folder, { recursive: true }))
    const files = writeTestCertificate(folder)
    const body = JSON.stringify([message('tls')])
    const post = async (options: Partial<ChatOptions>, own: { cert?: string; key?: string }) => {
      const { context, tap } = await setUp({}, { ...files, ...options })
      const request = httpsRequest(`https://${tap.address}/v1/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        ca: testCertificate,
        ...own,
      })
      const status = await new Promise(resolve => {
        request.on('response', response => resolve(response.resume().statusCode))
        request.on('error', error => resolve(error.constructor.name))
        request.end(body)
      })
      return { status, taken: context.messages().length }
    }
    assert.deepEqual(await post({}, {}), { status: 200, taken: 1 })
    const mutual = { caFile: files.certFile }
    assert.deepEqual(await post(mutual, {}), { status: 'Error', taken: 0 })
    assert.deepEqual(await post(mutual, { cert: testCertificate, key: testKey }), { status: 200, taken: 1 })
  })

  it('takes a batch and answers when the event log has it', async () => {
    let release = () => {}
    const durable = new Promise<void>(resolve => {
      release = resolve
    })
    const { context, post } = await setUp({ durable: () => durable })
    const answered = post({ id: 9, messages: [message('a', { time: '2026-03-01T00:00:00Z' }), message('b')] })
    await context.emitted(4)
    let early = true
    void answered.then(() => {
      early = false
    })
    await new Promise(resolve => setImmediate(resolve))
    assert.ok(early, 'not acknowledged before it is durable')
    release()
    const response = await answered
    assert.equal(response.status, 200)
    assert.deepEqual(await response.json(), { id: 9, accepted: 2, rejected: [] })
    const [first, second] = context.messages()
    assert.equal(first?.time, Date.UTC(2026, 2, 1))
    assert.equal(second?.time, 1_764_000_000_000)
    assert.deepEqual(first?.content, { type: 'text/plain', text: 'text a' })
    assert.equal(first?.route.trunk, 'rcs-hub')
  })

  it('gives a repeated message the id it had', async () => {
    const { context, post } = await setUp()
    await post([message('same')])
    await post([message('same')])
    const [first, again] = context.messages()
    assert.equal(first?.id, again?.id)
  })

  it('makes a message of every recipient, feedback of every report', async () => {
    const { context, post } = await setUp()
    await post([
      message('g', { to: ['+441', '+442'], service: 'shop' }),
      { id: 'r', report: 'spam', party: '+331', reporter: '+441' },
    ])
    assert.deepEqual(
      context.messages().map(sent => sent.to?.party),
      ['+441', '+442'],
    )
    const feedback = context.activities.find(activity => activity.kind === 'feedback')
    assert.equal(feedback?.from.party, '+331')
    assert.equal(feedback?.kind === 'feedback' && feedback.opinion, 'spam')
  })

  it('drops the text where a message says there is no consent', async () => {
    const { context, post } = await setUp()
    await post([message('x', { consent: false, text: 'You have won a prize, call this number now to claim it' })])
    const content = context.messages()[0]?.content
    assert.equal(content?.text, undefined)
    assert.ok(content?.features !== undefined && content.fingerprint !== undefined)
  })

  it('says which messages of a batch are wrong and takes the others', async () => {
    const { context, post } = await setUp()
    const response = await post([message('a'), { id: 'b', from: '+331' }, message('c', { time: 'soon' }), 7])
    const told = (await response.json()) as { accepted: number; rejected: { index: number; reason: string }[] }
    assert.equal(told.accepted, 1)
    assert.deepEqual(
      told.rejected.map(({ index }) => index),
      [1, 2, 3],
    )
    assert.match(told.rejected[0]!.reason, /^\/to: /)
    assert.equal(context.counters.dropped.get('message invalid'), 2)
    assert.equal(context.counters.dropped.get('time invalid'), 1)
  })

  it('refuses what it cannot take with the status that says why', async () => {
    const { context, post, tap } = await setUp({}, { maxBytes: 2048, maxMessages: 3 })
    const bomb = '['.repeat(1000)
    for (const [body, headers, status] of [
      ['{', {}, 400],
      ['{}', {}, 400],
      [bomb, {}, 400],
      [[message('a', { text: 'x'.repeat(3000) })], {}, 413],
      [[1, 2, 3, 4], {}, 413],
      ['[]', { 'content-encoding': 'gzip' }, 415],
      ['[]', { authorization: 'Bearer wrong' }, 401],
    ] as const) {
      const response = await post(body, headers)
      assert.equal(response.status, status)
      await response.text()
    }
    assert.equal((await fetch(`http://${tap.address}/other`)).status, 404)
    assert.equal((await fetch(`http://${tap.address}/v1/messages`)).status, 405)
    assert.deepEqual(Object.fromEntries(context.counters.dropped), {
      'batch not JSON': 1,
      'no messages': 1,
      'batch too deep': 1,
      'body too large': 1,
      'too many messages': 1,
      compressed: 1,
      unauthorized: 1,
    })
    assert.equal(context.activities.length, 0)
  })

  it('asks the sender to wait while the queue is full', async () => {
    const { post } = await setUp({ congested: () => true })
    const response = await post([message('a')])
    assert.equal(response.status, 503)
    assert.equal(response.headers.get('retry-after'), '1')
  })

  it('does not acknowledge what the event log could not take', async () => {
    const { post } = await setUp({ durable: () => Promise.reject(new Error('disk full')) })
    assert.equal((await post([message('a')])).status, 503)
  })
})

describe('the chat WebSocket', () => {
  it('answers every batch in order', async () => {
    const { context, open } = await setUp()
    const socket = await open()
    const answers: unknown[] = []
    const all = new Promise<void>(resolve =>
      socket.on('message', data => {
        answers.push(JSON.parse(data.toString()))
        if (answers.length === 100) resolve()
      }),
    )
    for (let id = 0; id < 100; id++) {
      socket.send(id === 50 ? 'not JSON' : JSON.stringify({ id, messages: [message(`m${id}`)] }))
    }
    await all
    assert.deepEqual(
      answers,
      Array.from({ length: 100 }, (_, id) => (id === 50 ? { error: 'not JSON' } : { id, accepted: 1, rejected: [] })),
    )
    assert.equal(context.messages().length, 99)
    socket.terminate()
  })

  it('reads no more than it may while the event log is behind', async () => {
    const releases: (() => void)[] = []
    const durable = () =>
      new Promise<void>(resolve => {
        releases.push(resolve)
        if (taken >= 40) for (const release of releases) release()
      })
    let taken = 0
    const { context, open } = await setUp(
      {
        durable,
        emit: () => {
          taken++
        },
      },
      { maxPending: 2 },
    )
    const socket = await open()
    const big = JSON.stringify({ messages: [message('x', { text: 'y'.repeat(60_000) })] })
    let answered = 0
    const some = new Promise<void>(resolve => socket.on('message', () => ++answered === 20 && resolve()))
    for (let i = 0; i < 20; i++) socket.send(big)
    // Two batches are taken and wait; the others stay in the sender and in TCP until the log moves on.
    while (taken < 4) await new Promise(resolve => setImmediate(resolve))
    for (let i = 0; i < 50; i++) await new Promise(resolve => setImmediate(resolve))
    assert.ok(taken <= 6, `${taken} role copies taken`)
    taken = 40
    for (const release of releases) release()
    await some
    assert.equal(context.counters.decoded, 20)
    socket.terminate()
  })

  it('refuses a token that nobody holds, and a frame beyond the limit', async () => {
    const { open, context } = await setUp({}, { maxBytes: 1024 })
    await assert.rejects(open('Bearer nobody'), /401/)
    assert.equal(context.counters.dropped.get('unauthorized'), 1)
    const socket = await open()
    socket.on('error', () => {})
    socket.send(' '.repeat(5000))
    const [code] = (await once(socket, 'close')) as [number]
    assert.equal(code, 1009)
  })
})

describe('JSON of strangers', () => {
  it('is what JSON.parse says when it is not deep', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), text => {
        assert.deepEqual(parseJson(Buffer.from(text)), { value: JSON.parse(text) })
      }),
    )
  })

  it('is refused by its depth before it is built, brackets in strings left aside', () => {
    assert.deepEqual(parseJson(Buffer.from('['.repeat(500_000))), { fault: 'too deep' })
    assert.deepEqual(parseJson(Buffer.from('{"a":'.repeat(9))), { fault: 'too deep' })
    assert.deepEqual(parseJson(Buffer.from('"[[[[[[[[[[[[\\"[["')), { value: '[[[[[[[[[[[["[[' })
    assert.deepEqual(parseJson(Buffer.from('"\\')), { fault: 'not JSON' })
  })
})
