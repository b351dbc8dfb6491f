import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { Type } from '@sinclair/typebox'
import type { Role, RouteGroup } from '../../../engine/serve/index.ts'
import { problem, route } from '../../../engine/serve/index.ts'
import { type ApiScene, serveApi, tokenOf } from './scene.ts'

const group: RouteGroup = {
  tag: 'test',
  about: 'Test.',
  routes: [
    route({
      method: 'POST',
      path: '/v1/echo/{name}',
      access: 'write',
      summary: 'Echo',
      params: Type.Object({ name: Type.String({ maxLength: 16 }) }),
      query: Type.Object({ limit: Type.Optional(Type.Integer({ maximum: 10 })) }, { additionalProperties: false }),
      body: Type.Object({ text: Type.String({ maxLength: 8 }) }, { additionalProperties: false }),
      answers: { 200: { says: 'The same.', schema: Type.Object({ text: Type.String() }) } },
      handle: ({ params, query, body, principal }) =>
        params.name === 'gone'
          ? problem(404, 'it is gone')
          : { status: 200, body: { text: body.text, limit: query.limit ?? 0, by: principal.name } },
    }),
    route({
      method: 'GET',
      path: '/v1/ask',
      access: 'decide',
      summary: 'Ask',
      answers: { 200: { says: 'Yes.' } },
      handle: () => ({ status: 200, body: { yes: true } }),
    }),
    route({
      method: 'GET',
      path: '/v1/broken',
      access: 'read',
      summary: 'Break',
      answers: { 200: { says: 'Never.' } },
      handle: () => {
        throw new Error('secret detail')
      },
    }),
  ],
}

describe('access to the API', () => {
  let scene: ApiScene
  before(async () => {
    scene = await serveApi([group])
  })
  after(() => scene.server.close())

  it('lets each role do what is its own, and nothing else', async () => {
    const may: [Role, number, number][] = [
      ['tap', 403, 403],
      ['switch', 403, 200],
      ['analyst', 200, 200],
      ['admin', 200, 200],
      ['regulator', 403, 403],
    ]
    for (const [role, write, decide] of may) {
      assert.equal((await scene.ask('POST', '/v1/echo/a', { role, body: { text: 'x' } })).status, write, role)
      assert.equal((await scene.ask('GET', '/v1/ask', { role })).status, decide, role)
    }
  })

  it('tells the handler who asks, with parameters read by their schemas', async () => {
    const { body } = await scene.ask('POST', '/v1/echo/a?limit=3', { role: 'analyst', body: { text: 'x' } })
    assert.deepEqual(body, { text: 'x', limit: 3, by: 'analyst-1' })
  })

  it('refuses forged tokens, each counted by its reason', async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = encode({ sub: 'admin', role: 'admin', exp: 9e9 })
    const unsigned = `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`
    const head = encode({ alg: 'HS256', typ: 'JWT' })
    const signed = `${head}.${claims}.${createHmac('sha256', '').update(`${head}.${claims}`).digest('base64url')}`
    const cases: [string, string][] = [
      [`Bearer ${unsigned}`, 'jwt'],
      [`Bearer ${signed}`, 'jwt'],
      [`Bearer ${tokenOf('admin')}x`, 'unknown-token'],
      [`Bearer ${tokenOf('admin').slice(0, -1)}`, 'unknown-token'],
      [`Bearer ${tokenOf('admin')} ${tokenOf('tap')}`, 'malformed'],
      [`Basic ${Buffer.from(`admin:${tokenOf('admin')}`).toString('base64')}`, 'malformed'],
      ['Bearer', 'malformed'],
      [`Bearer ${'a'.repeat(4000)}`, 'malformed'],
    ]
    for (const [authorization, reason] of cases) {
      const counted = await scene.metric('ringfence_api_refused_total', `reason="${reason}"`)
      const { status, headers, body } = await scene.ask('GET', '/v1/broken', { headers: { authorization } })
      assert.equal(status, 401, authorization.slice(0, 60))
      assert.equal(headers.get('www-authenticate'), 'Bearer realm="ringfence"')
      assert.ok(headers.get('content-type')?.startsWith('application/problem+json'))
      assert.equal((body as { status: number }).status, 401)
      assert.equal(await scene.metric('ringfence_api_refused_total', `reason="${reason}"`), counted + 1, reason)
    }
    assert.equal((await scene.ask('GET', '/v1/ask')).status, 401)
    assert.equal(await scene.metric('ringfence_api_refused_total', 'reason="no-token"'), 1)
  })

  it('answers every mistake as a problem that names the field, and tells nothing of what broke inside', async () => {
    const role = 'admin'
    const cases: [number, string, string, object][] = [
      [400, 'POST', '/v1/echo/a', { body: { text: 5, more: 1 } }],
      [400, 'POST', '/v1/echo/a', { body: { text: 'too long by far' } }],
      [400, 'POST', '/v1/echo/a', { body: '{' }],
      [400, 'POST', '/v1/echo/a?limit=11', { body: { text: 'x' } }],
      [400, 'POST', '/v1/echo/a?unknown=1', { body: { text: 'x' } }],
      [413, 'POST', '/v1/echo/a', { body: { text: 'x'.repeat(70_000) } }],
      [415, 'POST', '/v1/echo/a', { body: 'x', headers: { 'content-type': 'text/plain' } }],
      [404, 'POST', '/v1/echo/gone', { body: { text: 'x' } }],
      [404, 'GET', '/v1/nothing', {}],
      [404, 'DELETE', '/v1/ask', {}],
      [500, 'GET', '/v1/broken', {}],
    ]
    for (const [expected, method, path, options] of cases) {
      const { status, body, headers } = await scene.ask(method, path, { role, ...options })
      assert.equal(status, expected, `${method} ${path}`)
      assert.ok(headers.get('content-type')?.startsWith('application/problem+json'), `${method} ${path}`)
      const details = body as { status: number; title: string; instance: string }
      assert.equal(details.status, expected)
      assert.equal(details.instance, path.split('?')[0])
      assert.ok(details.title.length > 0)
      assert.ok(!JSON.stringify(body).includes('secret'))
    }
    const { body } = await scene.ask('POST', '/v1/echo/a', { role, body: { text: 'x', more: 1 } })
    assert.match(JSON.stringify(body), /more/)
  })

  it('serves the OpenAPI document of exactly these routes', async () => {
    const { body } = await scene.ask('GET', '/v1/openapi.json')
    const document = body as { openapi: string; paths: Record<string, Record<string, { 'x-roles': string[] }>> }
    assert.equal(document.openapi, '3.1.0')
    assert.deepEqual(Object.keys(document.paths), ['/v1/echo/{name}', '/v1/ask', '/v1/broken'])
    assert.deepEqual(document.paths['/v1/ask']?.get?.['x-roles'], ['switch', 'analyst', 'admin'])
  })

  it('survives bytes that are no HTTP', async () => {
    const { hostname, port } = new URL(scene.server.url)
    const socket = connect(Number(port), hostname)
    const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
    socket.on('error', () => {})
    socket.end(Buffer.from('INVITE sip:a@b SIP/2.0\r\n\r\n\u0000\u0001'))
    socket.resume()
    await closed
    assert.equal((await scene.ask('GET', '/healthz')).status, 200)
  })
})

describe('rates of the API', () => {
  it('bounds each caller and each stranger, and says when to come again', async () => {
    let nowMs = 0
    const scene = await serveApi([group], { rates: { decisions: 3, others: 2, strangers: 2 }, now: () => nowMs })
    const statuses = async (role: Role | undefined, path: string, n: number) => {
      const seen: number[] = []
      for (let i = 0; i < n; i++) seen.push((await scene.ask('GET', path, role === undefined ? {} : { role })).status)
      return seen
    }
    try {
      assert.deepEqual(await statuses('admin', '/v1/ask', 4), [200, 200, 200, 429])
      assert.deepEqual(await statuses('switch', '/v1/ask', 1), [200], 'another caller has its own measure')
      assert.deepEqual(await statuses(undefined, '/v1/ask', 3), [401, 401, 429])
      const { headers } = await scene.ask('GET', '/v1/ask', { role: 'admin' })
      assert.equal(headers.get('retry-after'), '1')
      nowMs += 1000
      assert.deepEqual(await statuses('admin', '/v1/ask', 4), [200, 200, 200, 429])
    } finally {
      await scene.server.close()
    }
  })
})
