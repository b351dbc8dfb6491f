import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import type { Role } from '../../../engine/serve/index.ts'
import { type Json, type ServiceScene, startScene, tokenOf } from './scene.ts'

interface Operation {
  readonly method: string
  readonly path: string
  readonly spec: Json
}

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: Buffer
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 })

/** Sends without any check of its own, so that malformed paths and headers reach the server. */
function send(
  base: string,
  { method, path, headers, body }: Sent,
): Promise<{ status: number; type: string; text: string }> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers, agent, timeout: 20_000 }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path}`)))
    sent.end(body)
  })
}

const roles: readonly Role[] = ['tap', 'switch', 'analyst', 'admin', 'regulator']

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    '',
    [],
    {},
    'x'.repeat(5000),
    '\u0000',
    '\ud800',
    '../../etc/passwd',
  ),
  fc.constantFrom<unknown>(
    '+33162000001',
    'sip:a@b',
    '112',
    'block',
    'deny',
    'appeal/x',
    '__proto__',
    'constructor',
    '%',
  ),
  fc.jsonValue({ maxDepth: 4 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

/** A body near what the schema asks for: the right names, values right or wrong. */
function nearly(schema: Json): fc.Arbitrary<unknown> {
  const names = Object.keys(schema?.properties ?? {})
  if (names.length === 0) return junk
  const fields = Object.fromEntries(
    names.map(name => {
      const { enum: values, type } = schema.properties[name]
      const right =
        values !== undefined
          ? fc.constantFrom(...values)
          : type === 'array'
            ? fc.array(junk, { maxLength: 3 })
            : type === 'boolean'
              ? fc.boolean()
              : type === 'integer'
                ? fc.integer()
                : fc.string({ maxLength: 20 })
      return [name, fc.oneof({ arbitrary: right, weight: 4 }, { arbitrary: junk, weight: 1 })]
    }),
  )
  const record = fc.record(fields, { requiredKeys: [] })
  return fc.oneof({ arbitrary: record, weight: 6 }, { arbitrary: junk, weight: 1 })
}

/** Percent-encoded, lone surrogates replaced. */
const wellFormed = (text: string) => encodeURIComponent(Buffer.from(text).toString())

/** What may stand in a request line: everything else is refused by the client's own checks. */
const segment = fc.oneof(
  fc.constantFrom(
    '+33162000001',
    'deny',
    'allow',
    '%',
    '%00',
    '%2e%2e%2f',
    '%ff',
    '%ud800',
    '..',
    'a'.repeat(600),
    ';',
    ':',
    '*',
  ),
  fc.string({ maxLength: 12 }).map(text => wellFormed(text)),
)

interface Draft {
  readonly segments: readonly string[]
  readonly query: readonly (readonly [string, unknown])[]
  readonly body: unknown
  readonly raw: Uint8Array | null
  readonly type: string
  readonly role: string
}

const mostly = <T>(times: number, usual: T, ...others: readonly T[]) =>
  fc.constantFrom<T>(...Array<T>(times).fill(usual), ...others)

function drafts(spec: Json, bodySchema: Json): fc.Arbitrary<Draft> {
  const queries: string[] = spec.parameters.filter((one: Json) => one.in === 'query').map((one: Json) => one.name)
  return fc.record({
    segments: fc.array(segment, { minLength: 2, maxLength: 2 }),
    query: fc.array(fc.tuple(fc.constantFrom(...queries, 'unknown', 'cursor', 'limit'), junk), { maxLength: 3 }),
    body: nearly(bodySchema),
    raw: fc.option(fc.uint8Array({ maxLength: 60 }), { freq: 12 }),
    type: mostly(12, 'application/json', 'text/plain', 'application/xml', 'multipart/form-data', ''),
    role: mostly<string>(6, 'admin', ...roles, 'none', 'forged'),
  })
}

function written({ method, path }: Operation, { segments, query, body, raw, type, role }: Draft): Sent {
  let place = 0
  const target = path.replace(/\{\w+\}/g, () => segments[place++]!)
  const search = query.map(([name, value]) => `${name}=${wellFormed(String(value))}`).join('&')
  const headers = role === 'none' ? {} : { authorization: `Bearer ${tokenOf(role as Role)}` }
  const whole = search === '' ? target : `${target}?${search}`
  if (method === 'GET') return { method, path: whole, headers }
  return {
    method,
    path: whole,
    headers: type === '' ? headers : { ...headers, 'content-type': type },
    body: raw === null ? Buffer.from(JSON.stringify(body) ?? '') : Buffer.from(raw),
  }
}

/** Holds answers to the document: their status is documented, their body matches its schema. */
function documentChecker(document: Json) {
  const ajv = new Ajv2020({ strict: false, allErrors: false })
  ajv.addSchema({ $id: 'api', components: document.components })
  const validators = new Map<string, ValidateFunction>()
  const validatorOf = (key: string, schema: Json): ValidateFunction => {
    let validate = validators.get(key)
    if (validate === undefined) {
      validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')))
      validators.set(key, validate)
    }
    return validate
  }
  return ({ method, path, spec }: Operation, status: number, type: string, text: string, what: string) => {
    if (status >= 400) {
      assert.match(type, /^application\/problem\+json/, what)
      assert.equal(JSON.parse(text).status, status, what)
      return
    }
    const documented = spec.responses[String(status)]
    assert.ok(documented !== undefined, `${what}: an undocumented status`)
    const schema = documented.content?.['application/json']?.schema
    if (schema === undefined) return
    const validate = validatorOf(`${method} ${path} ${status}`, schema)
    assert.ok(validate(JSON.parse(text)), `${what}: ${ajv.errorsText(validate.errors)}`)
  }
}

describe('every route of the API', () => {
  let scene: ServiceScene
  let operations: Operation[]
  let document: Json
  before(async () => {
    scene = await startScene()
    document = (await scene.ask('GET', '/v1/openapi.json')).body
    operations = Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
      Object.entries<Json>(methods).map(([method, spec]) => ({ method: method.toUpperCase(), path, spec })),
    )
  })
  after(async () => {
    agent.destroy()
    await scene.close()
  })

  it('takes 10,000 malformed requests: no 5xx, every refusal a problem, every answer as documented', async () => {
    const check = documentChecker(document)
    const statuses = new Map<number, number>()
    const one = async (operation: Operation, draft: Draft): Promise<void> => {
      const sent = written(operation, draft)
      const { status, type, text } = await send(scene.service.url, sent)
      const what = `${sent.method} ${sent.path} ${sent.body?.toString().slice(0, 300)} → ${status} ${text.slice(0, 300)}`
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      assert.ok(status >= 200 && status < 500, what)
      check(operation, status, type, text, what)
    }
    const each = Math.ceil(10_000 / operations.length)
    for (const [at, operation] of operations.entries()) {
      const schema = operation.spec.requestBody?.content['application/json']?.schema
      const resolved = schema?.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)]
      const samples = fc.sample(drafts(operation.spec, resolved), { numRuns: each, seed: 8_000 + at })
      // Sixteen at a time.
      for (let i = 0; i < samples.length; i += 16)
        await Promise.all(samples.slice(i, i + 16).map(draft => one(operation, draft)))
    }
    const total = [...statuses.values()].reduce((sum, count) => sum + count, 0)
    assert.ok(total >= 10_000)
    for (const status of [200, 400, 401, 403, 404, 415]) assert.ok((statuses.get(status) ?? 0) > 0, `some ${status}`)
    assert.equal((await scene.ask('GET', '/readyz')).status, 200)
  })
})
