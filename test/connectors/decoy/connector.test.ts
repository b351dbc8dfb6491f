import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { Inviter, Messager, SessionState, UserAgent } from 'sip.js'
import type { Tap } from '../../../connectors/connector.ts'
import { decoyConnector, decoySchema } from '../../../connectors/decoy/index.ts'
import { WebSocketTransport } from '../../../connectors/decoy/transport.ts'
import { Activity, jsonCodec } from '../../../engine/activity/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { optionsOf, tapHarness } from '../../support/tap.ts'
import { startRegistrar, type TestRegistrar } from './registrar.ts'

const codec = jsonCodec(Activity)
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const lines = [
  { name: 'decoy-1', user: '+33199001000', password: 's3cret' },
  { name: 'decoy-2', user: '+33199001001', password: 's3cret' },
]

async function withDecoys(given: Record<string, unknown> = {}, accounts?: Record<string, string>) {
  const registrar = await startRegistrar(accounts ?? { '+33199001000': 's3cret', '+33199001001': 's3cret' })
  closing.push(() => registrar.close())
  const harness = tapHarness({ identity: createIdentity({ defaultCountry: 'FR' }) })
  const options = optionsOf(decoySchema, { server: registrar.url, domain: 'ims.test', lines, ringSeconds: 0, ...given })
  const tap: Tap = await decoyConnector.open(options, harness.context)
  closing.push(() => tap.close())
  return { registrar, harness, tap }
}

/** A real client of the same registrar. */
async function caller(registrar: TestRegistrar, user: string): Promise<UserAgent> {
  const uri = UserAgent.makeURI(`sip:${user}@ims.test`)
  assert.ok(uri)
  const agent = new UserAgent({
    uri,
    transportConstructor: WebSocketTransport,
    transportOptions: { server: registrar.url, ca: undefined },
    logBuiltinEnabled: false,
    userAgentString: 'Dialer/9',
    // There is no media here: an offer is only a text.
    sessionDescriptionHandlerFactory: () => ({
      close() {},
      getDescription: async () => ({ body: 'v=0\r\nm=audio 9 RTP/AVP 0\r\n', contentType: 'application/sdp' }),
      hasDescription: () => true,
      rollbackDescription: async () => {},
      setDescription: async () => {},
      sendDtmf: () => false,
    }),
  })
  await agent.start()
  closing.push(() => agent.transport.dispose())
  return agent
}

/** Calls; gives the session and, once it is refused, the status. */
function call(agent: UserAgent, to: string) {
  const target = UserAgent.makeURI(`sip:${to}@ims.test`)
  assert.ok(target)
  const inviter = new Inviter(agent, target)
  const seen: number[] = []
  const ended = new Promise<void>(resolve =>
    inviter.stateChange.addListener(state => state === SessionState.Terminated && resolve()),
  )
  const note = ({ message }: { message: { statusCode: number | undefined } }) => {
    seen.push(message.statusCode ?? 0)
  }
  const sent = inviter.invite({ requestDelegate: { onTrying: note, onProgress: note, onReject: note, onAccept: note } })
  return { inviter, seen, ended, sent }
}

describe('decoy lines', () => {
  it('register after the challenge, and give their registration back when closed', async () => {
    const { registrar, harness, tap } = await withDecoys()
    await harness.until(() => registrar.registered.size === 2)
    assert.equal(registrar.registers(), 4)
    await tap.close()
    await harness.until(() => registrar.registered.size === 0)
  })

  it('make a probe of whoever calls them, naming the decoy, and refuse the call', async () => {
    const { registrar, harness } = await withDecoys({ refuseStatus: 486 })
    await harness.until(() => registrar.registered.size === 2)
    const { seen, ended } = call(await caller(registrar, '+33644556677'), '+33199001001')
    await ended
    assert.equal(seen.at(-1), 486)
    assert.equal(harness.activities.length, 1)
    const probe = harness.activities[0]
    assert.ok(probe?.kind === 'probe')
    assert.deepEqual(
      [probe.role, probe.method, probe.decoy, probe.from.party, probe.to?.party, probe.agent],
      ['origin', 'INVITE', 'decoy-2', '+33644556677', '+33199001001', 'Dialer/9'],
    )
    assert.deepEqual(probe.route, { tap: 'tap-1', peer: '127.0.0.1', transport: 'ws' })
    assert.ok(codec.decode(codec.encode(probe)).ok)
    assert.deepEqual([harness.counters.received, harness.counters.decoded, harness.counters.activities], [1, 1, 1])
  })

  it('ring for a while first, and let a caller that hangs up go', async () => {
    const { registrar, harness } = await withDecoys({ ringSeconds: 60 })
    await harness.until(() => registrar.registered.size === 2)
    const { inviter, seen, ended, sent } = call(await caller(registrar, '+33644556677'), '+33199001000')
    await sent
    await harness.until(() => seen.includes(180))
    await inviter.cancel()
    await ended
    assert.equal(seen.at(-1), 487)
    assert.equal(harness.activities.length, 1)
  })

  it('refuse at once what rings beyond the limit', async () => {
    const { registrar, harness } = await withDecoys({ ringSeconds: 60, maxRinging: 1 })
    await harness.until(() => registrar.registered.size === 2)
    const agent = await caller(registrar, '+33644556677')
    const first = call(agent, '+33199001000')
    await harness.until(() => first.seen.includes(180))
    const second = call(agent, '+33199001000')
    await second.ended
    assert.equal(second.seen.at(-1), 480)
    assert.equal(harness.activities.length, 2)
  })

  it('make a probe of whoever messages them, and accept the message', async () => {
    const { registrar, harness } = await withDecoys()
    await harness.until(() => registrar.registered.size === 2)
    const target = UserAgent.makeURI('sip:+33199001000@ims.test')
    assert.ok(target)
    const status = await new Promise<number>(resolve => {
      caller(registrar, '+33644556678').then(agent =>
        new Messager(agent, target, 'You have won').message({
          requestDelegate: {
            onAccept: ({ message }) => resolve(message.statusCode ?? 0),
            onReject: ({ message }) => resolve(message.statusCode ?? 0),
          },
        }),
      )
    })
    assert.equal(status, 200)
    const probe = harness.activities[0]
    assert.ok(probe?.kind === 'probe')
    assert.deepEqual([probe.method, probe.decoy, probe.from.party], ['MESSAGE', 'decoy-1', '+33644556678'])
  })

  it('come back after a lost connection', async () => {
    const { registrar, harness } = await withDecoys()
    await harness.until(() => registrar.registered.size === 2)
    registrar.cut()
    await harness.until(() => registrar.registered.size === 0)
    await harness.until(() => registrar.registered.size === 2)
    assert.equal(harness.counters.dropped.get('connection-lost'), 2)
  })

  it('that the registrar refuses are counted and logged without their password', async () => {
    const { harness } = await withDecoys({}, { '+33199001000': 's3cret' })
    await harness.until(() => (harness.counters.dropped.get('registration-refused') ?? 0) > 0)
    await harness.until(() => harness.logged.some(({ level }) => level === 'warn'))
    assert.ok(!JSON.stringify(harness.logged).includes('s3cret'))
    assert.deepEqual(harness.logged.find(({ level }) => level === 'warn')?.fields, { line: 'decoy-2', status: 403 })
  })

  it('close quickly where the registrar was never there', async () => {
    const { tap, harness } = await withDecoys({ server: 'ws://127.0.0.1:9' })
    await harness.until(() => harness.logged.length >= 2)
    await tap.close()
  })

  it('say which file cannot be read', async () => {
    await assert.rejects(withDecoys({ caFile: '/nowhere/ca.pem' }), { code: 'CONFIG_INVALID', message: /caFile/ })
  })
})
