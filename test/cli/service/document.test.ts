import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { packageRoot, version } from '../../../cli/version.ts'
import { API_BEGIN, apiDocument, openApiDocument } from '../../../engine/serve/index.ts'
import { documentedGroups } from '../../support/routes.ts'

const read = (file: string) => readFileSync(join(packageRoot, 'docs', file), 'utf8')

describe('the documents of the API', () => {
  it('are as the routes give them (npm run docs)', () => {
    const groups = documentedGroups()
    const [, generated = ''] = read('api.md').split(API_BEGIN)
    assert.ok(API_BEGIN + generated === apiDocument(groups), 'docs/api.md is out of date: npm run docs')
    const written = `${JSON.stringify(openApiDocument(groups, version), null, 2)}\n`
    assert.ok(read('openapi.json') === written, 'docs/openapi.json is out of date: npm run docs')
  })

  it('name every role, and give every operation an id of its own and every public one a reason to be', () => {
    const { paths } = openApiDocument(documentedGroups(), version) as {
      paths: Record<string, Record<string, { operationId: string; security: unknown[] }>>
    }
    const operations = Object.values(paths).flatMap(methods => Object.values(methods))
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
    const open = Object.entries(paths).filter(([, methods]) =>
      Object.values(methods).some(each => each.security.length === 0),
    )
    assert.deepEqual(
      open.map(([path]) => path).filter(path => !path.startsWith('/v1/feeds/')),
      ['/v1/appeals/card', '/v1/appeals/own'],
    )
  })
})
