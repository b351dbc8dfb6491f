import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface SentSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
}

/** A collector of OTLP/HTTP in JSON on loopback that keeps the spans sent to it; goes away with the test. */
export async function collector(t: TestContext, status = 200) {
  const spans: SentSpan[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', chunk => {
      text += chunk
    })
    request.on('end', () => {
      assert.equal(request.url, '/v1/traces')
      for (const { scopeSpans } of JSON.parse(text).resourceSpans)
        for (const { spans: sent } of scopeSpans) spans.push(...sent)
      response.writeHead(status).end('{}')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, spans }
}
