import assert from 'node:assert/strict'
import { request } from 'node:https'
import { describe, it } from 'node:test'
import { createMetrics, engineCounters } from '../../../engine/observe/index.ts'
import { apiCounters, createAccess, type RouteGroup, route, serveHttp } from '../../../engine/serve/index.ts'
import { testCertificate, testKey } from '../../support/tls.ts'
import { quiet } from './scene.ts'

const group: RouteGroup = {
  tag: 'test',
  about: 'Test.',
  routes: [
    route({
      method: 'GET',
      path: '/v1/who',
      access: 'read',
      summary: 'Who asks',
      answers: { 200: { says: 'The caller.' } },
      handle: ({ principal }) => ({ status: 200, body: principal }),
    }),
  ],
}

/** A server that knows one certificate by its common name. */
async function serve(commonName: string) {
  const metrics = createMetrics(engineCounters(), 'test')
  return serveHttp({
    listen: '127.0.0.1:0',
    metrics,
    notReady: () => [],
    tls: { cert: testCertificate, key: testKey, clientCa: testCertificate },
    api: {
      groups: [group],
      access: createAccess([], [{ name: 'noc', role: 'analyst', commonName }]),
      counters: apiCounters(metrics),
      logger: quiet,
      version: 'test',
      rates: { decisions: 100, others: 100, strangers: 100 },
      now: Date.now,
    },
  })
}

function ask(url: string, certificate: { cert?: string; key?: string }): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { ca: testCertificate, servername: 'localhost', agent: false as const, ...certificate }
    const asked = request(`${url}/v1/who`, options, response => {
      let body = ''
      response.on('data', chunk => {
        body += String(chunk)
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

describe('the API over TLS', () => {
  it('knows a caller by the client certificate that our authority signed', async () => {
    const server = await serve('localhost')
    try {
      assert.ok(server.url.startsWith('https://'))
      const { status, body } = await ask(server.url, { cert: testCertificate, key: testKey })
      assert.deepEqual([status, JSON.parse(body)], [200, { name: 'noc', role: 'analyst' }])
      assert.equal((await ask(server.url, {})).status, 401, 'no certificate and no token')
    } finally {
      await server.close()
    }
  })

  it('refuses a certificate of nobody that is configured', async () => {
    const server = await serve('somebody-else')
    try {
      const { status, body } = await ask(server.url, { cert: testCertificate, key: testKey })
      assert.equal(status, 401)
      assert.match(body, /nobody is known by this certificate/)
    } finally {
      await server.close()
    }
  })

  it('says which option is wrong when key and certificate are none', async () => {
    const metrics = createMetrics(engineCounters(), 'test')
    await assert.rejects(
      serveHttp({ listen: '127.0.0.1:0', metrics, notReady: () => [], tls: { cert: 'x', key: 'y' } }),
      /serve\.tls: /,
    )
  })
})
