import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Type } from '@sinclair/typebox'
import { closed } from '../../../engine/activity/index.ts'
import { documentConfig, loadConfig, variants } from '../../../engine/config/index.ts'
import { RingfenceError } from '../../../engine/errors/index.ts'

const schema = Type.Object({
  mode: closed(['fast', 'safe'], 'how', 'safe'),
  country: Type.String({ default: 'FR', minLength: 2, maxLength: 2, description: 'default country' }),
  serve: Type.Object({
    listen: Type.String({ default: '127.0.0.1:9464', description: 'HOST:PORT' }),
    maxClients: Type.Integer({ default: 10, minimum: 1, description: 'most clients at once' }),
  }),
  packs: Type.Array(Type.String(), { default: [], description: 'folders' }),
  taps: Type.Array(
    variants('type', [
      Type.Object({
        type: Type.Literal('hep'),
        name: Type.String(),
        port: Type.Integer({ default: 9060, description: 'UDP port' }),
      }),
      Type.Object({ type: Type.Literal('pcap'), name: Type.String(), file: Type.String({ description: 'path' }) }),
    ]),
    { default: [], description: 'taps' },
  ),
})

const load = (text: string, environment = {}) => loadConfig(schema, { text, file: 'r.yaml', environment })
const problemsOf = (text: string, environment = {}): string => {
  try {
    load(text, environment)
  } catch (error) {
    assert.ok(error instanceof RingfenceError)
    assert.equal(error.code, 'CONFIG_INVALID')
    return error.message
  }
  return assert.fail('accepted')
}

describe('configuration', () => {
  it('is complete with defaults when empty', () => {
    assert.deepEqual(load(''), {
      mode: 'safe',
      country: 'FR',
      serve: { listen: '127.0.0.1:9464', maxClients: 10 },
      packs: [],
      taps: [],
    })
  })

  it('keeps what is set and fills in the rest, in lists too', () => {
    const config = load('taps:\n  - { type: hep, name: a }\nserve: { maxClients: 3 }\n')
    assert.deepEqual(config.taps, [{ type: 'hep', name: 'a', port: 9060 }])
    assert.deepEqual(config.serve, { listen: '127.0.0.1:9464', maxClients: 3 })
  })

  it('refuses an unknown key with its line and the nearest valid name', () => {
    assert.equal(
      problemsOf('country: FR\nserve:\n  lisen: x\n'),
      "r.yaml:3: serve.lisen: unknown key; did you mean 'listen'?",
    )
  })

  it('names the valid keys when nothing is near', () => {
    assert.match(
      problemsOf('zzzzzzz: 1\n'),
      /r\.yaml:1: zzzzzzz: unknown key; valid keys: mode, country, serve, packs, taps/,
    )
  })

  it('reports every problem at once, each with its line', () => {
    const lines = problemsOf('country: FRANCE\nserve:\n  maxClients: none\ntaps:\n  - { type: hepp }\n').split('\n')
    assert.equal(lines.length, 3)
    assert.match(lines[0]!, /^r\.yaml:1: country: .*default country/)
    assert.match(lines[1]!, /^r\.yaml:3: serve\.maxClients: /)
    assert.match(lines[2]!, /^r\.yaml:5: taps\.0\.type: 'hepp' is none of hep, pcap; did you mean 'hep'\?/)
  })

  it('names the valid values of a closed list', () => {
    assert.equal(problemsOf('mode: slow'), 'r.yaml:1: mode: must be one of fast, safe')
    assert.match(problemsOf('', { RINGFENCE_MODE: 'slow' }), /RINGFENCE_MODE: must be one of fast, safe/)
  })

  it('says what a variant lacks', () => {
    assert.match(problemsOf('taps:\n  - { type: pcap, name: p }\n'), /taps\.0\.file: is missing \(path\)/)
  })

  it('reports broken YAML with its line', () => {
    assert.match(problemsOf('a: [1\nb: }'), /^r\.yaml:\d: /)
  })

  it('lets the environment override, converted to the key’s type', () => {
    const config = load('serve: { maxClients: 3 }', {
      RINGFENCE_SERVE_MAX_CLIENTS: '7',
      RINGFENCE_PACKS: 'a, b',
      HOME: '/x',
    })
    assert.equal(config.serve.maxClients, 7)
    assert.deepEqual(config.packs, ['a', 'b'])
  })

  it('refuses an environment variable that sets nothing or does not fit', () => {
    assert.match(
      problemsOf('', { RINGFENCE_SERVE_LISTN: 'x' }),
      /RINGFENCE_SERVE_LISTN: sets no key; did you mean RINGFENCE_SERVE_LISTEN\?/,
    )
    assert.match(problemsOf('', { RINGFENCE_SERVE_MAX_CLIENTS: 'many' }), /RINGFENCE_SERVE_MAX_CLIENTS: /)
  })

  it('documents every key with its default and its environment variable', () => {
    const text = documentConfig(schema)
    assert.match(text, /\| `maxClients` \| integer \| `10` \| most clients at once \| `RINGFENCE_SERVE_MAX_CLIENTS` \|/)
    assert.match(text, /## `taps\[\]` with `type: pcap`/)
  })
})
