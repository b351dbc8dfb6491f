import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { isPublicAddress } from '../../../engine/passport/addresses.ts'
import { createFetcher, type FetchOptions } from '../../../engine/passport/fetch.ts'
import { Failure } from '../../../engine/passport/reasons.ts'
import { testCertificate } from '../../support/tls.ts'
import { createWorld, identity, reasonOf, request, type World } from './world.ts'

let world: World
before(async () => {
  world = await createWorld()
})
after(() => world.close())

const ownMachine = async () => [{ address: '127.0.0.1', family: 4 }]
const options = (more: Partial<FetchOptions> = {}): FetchOptions => ({
  hosts: ['localhost'],
  ports: [443, world.port],
  privateNetworks: [],
  timeoutMs: 5000,
  maxBytes: 4096,
  ca: [testCertificate],
  resolve: ownMachine,
  ...more,
})

async function failureOf(url: string, more: Partial<FetchOptions> = {}): Promise<string> {
  try {
    await createFetcher(options(more))(url)
    return 'fetched'
  } catch (error) {
    return error instanceof Failure ? error.reason : String(error)
  }
}

describe('an address that is not public', () => {
  it('is told from one that is, in every way of writing it', () => {
    const special =
      '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1 172.31.255.255 192.168.1.1 198.18.0.1 ' +
      '224.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1 fc00::1 fd12::1 fe80::1 ' +
      'fe80::1%eth0 fec0::1 ff02::1 2001:db8::1 2001::1 2002:7f00:1:: 100::1 localhost 1.2.3'
    for (const address of special.split(' ')) assert.equal(isPublicAddress(address), false, address)
    for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2a00:1450:4007::1', '2606:4700::1111'])
      assert.equal(isPublicAddress(address), true, address)
  })
  it('is never connected to: written out, resolved to, or among several that a name has', async () => {
    const before = world.asked()
    for (const host of [
      '127.0.0.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      '169.254.169.254',
    ])
      assert.equal(
        await failureOf(`https://${host}:${world.port}/0.pem`, { hosts: [new URL(`https://${host}`).hostname] }),
        'x5u-refused',
        host,
      )
    assert.equal(await failureOf(`https://localhost:${world.port}/0.pem`), 'x5u-refused')
    const both = async () => [{ address: '8.8.8.8', family: 4 }, ...(await ownMachine())]
    assert.equal(await failureOf(`https://localhost:${world.port}/0.pem`, { resolve: both }), 'x5u-refused')
    assert.equal(world.asked(), before)
  })
  it('is fetched from where configuration says that it is our own', async () => {
    const url = world.publish('certificate')
    assert.equal(await failureOf(url, { privateNetworks: ['127.0.0.0/8'] }), 'fetched')
  })
})

describe('what is fetched', () => {
  const own = { privateNetworks: ['127.0.0.1'] }
  it('is https, from a listed host and port, without credentials', async () => {
    for (const url of [
      'http://localhost/x',
      'file:///etc/passwd',
      'ftp://localhost/x',
      'data:text/plain,x',
      'https://localhost:22/x',
      'https://localhost.evil.example/x',
      'https://evil.example/x',
      'https://localhost@evil.example/x',
      'https://user:secret@localhost/x',
      'not a url',
      '',
      `https://localhost/${'x'.repeat(3000)}`,
    ])
      assert.equal(await failureOf(url, own), 'x5u-refused', url.slice(0, 60))
  })
  it('may be of any host under a listed domain, not the domain itself or one that ends alike', async () => {
    const hosts = ['*.sti.example']
    const nobody = async () => []
    const ask = (host: string) => failureOf(`https://${host}/x`, { ...own, hosts, resolve: nobody })
    assert.equal(await ask('cr.sti.example'), 'certificate-unreachable')
    assert.equal(await ask('sti.example'), 'x5u-refused')
    assert.equal(await ask('evilsti.example'), 'x5u-refused')
  })
  it('follows redirects to what is allowed only, and not for ever', async () => {
    const target = world.publish('certificate')
    assert.equal(await failureOf(world.publish('', { location: target }), own), 'fetched')
    for (const location of [
      'http://localhost/x',
      'https://169.254.169.254/latest',
      'https://evil.example/',
      'file:///etc/passwd',
    ])
      assert.equal(await failureOf(world.publish('', { location }), own), 'x5u-refused', location)
    const loop = world.publish('', { location: '' })
    assert.equal(await failureOf(loop, own), 'certificate-unreachable')
  })
  it('is no larger than the limit and answers in time', async () => {
    assert.equal(await failureOf(world.publish('x'.repeat(5000)), own), 'certificate-unreachable')
    const silent = () => new Promise<never>(() => {})
    assert.equal(
      await failureOf(`https://localhost:${world.port}/0.pem`, { ...own, resolve: silent, timeoutMs: 50 }),
      'certificate-unreachable',
    )
  })
  it('comes from a server with a certificate for its name', async () => {
    assert.equal(await failureOf(world.publish('x'), { ...own, ca: undefined }), 'certificate-unreachable')
  })
})

describe('the verifier', () => {
  it('fetches a certificate once for many calls, and remembers what could not be had', async () => {
    const verifier = world.verifier()
    const x5u = world.publish(world.operator.pem + world.middle.pem)
    const before = world.asked()
    const headers = await Promise.all([...'ABC'].map(attest => identity(world, { x5u, claims: { attest } })))
    const answers = await Promise.all(headers.map(header => verifier.verify([header], request())))
    assert.deepEqual(
      answers.map(answer => answer.status === 'verified' && answer.attestation),
      ['A', 'B', 'C'],
    )
    assert.equal(world.asked() - before, 1)
    const missing = await identity(world, { x5u: `https://localhost:${world.port}/missing` })
    const again = await identity(world, { x5u: `https://localhost:${world.port}/missing`, claims: { attest: 'B' } })
    for (const header of [missing, again])
      assert.equal(reasonOf(await verifier.verify([header], request())), 'certificate-unreachable')
    assert.equal(world.asked() - before, 2)
    assert.deepEqual(verifier.counters.fetches, { fetches: 2, failures: 1 })
  })
  it('fetches again when the server said that it would change, and drops the oldest when full', async () => {
    let nowMs = 1_000_000
    const limits = { timeoutMs: 5000, maxBytes: 65_536, cacheSeconds: 3600, retrySeconds: 10, cacheEntries: 1 }
    const verifier = world.verifier({ fetch: limits }, { now: () => nowMs })
    const pem = world.operator.pem + world.middle.pem
    const x5u = world.publish(pem, { 'cache-control': 'public, max-age=60' })
    const ask = async (attest: string, at = x5u) =>
      reasonOf(await verifier.verify([await identity(world, { x5u: at, claims: { attest } })], request()))
    assert.equal(await ask('A'), 'verified')
    nowMs += 59_000
    assert.equal(await ask('B'), 'verified')
    assert.equal(verifier.counters.fetches.fetches, 1)
    nowMs += 2_000
    assert.equal(await ask('C'), 'verified')
    assert.equal(verifier.counters.fetches.fetches, 2)
    assert.equal(await ask('A', world.publish(pem)), 'verified')
    assert.equal(await ask('A', `${x5u}?again`), 'certificate-unreachable')
    assert.equal(verifier.counters.fetches.fetches, 4)
  })
  it('refuses an x5u to a private address without asking anybody: x5u-refused', async () => {
    const verifier = world.verifier({ hosts: ['169.254.169.254', '10.0.0.1'], privateNetworks: [], ports: [443] })
    for (const x5u of ['https://169.254.169.254/latest/meta-data', 'https://10.0.0.1/x', 'http://localhost/x'])
      assert.equal(reasonOf(await verifier.verify([await identity(world, { x5u })], request())), 'x5u-refused')
  })
  it('is late rather than slow, and knows the answer the next time', async () => {
    let arrive: (addresses: { address: string; family: number }[]) => void = () => {}
    const resolve = () => new Promise<{ address: string; family: number }[]>(done => (arrive = done))
    const verifier = world.verifier({}, { resolve })
    const headers = [await identity(world)]
    assert.deepEqual(await verifier.verify(headers, request({ deadlineMs: 5 })), { status: 'late' })
    assert.deepEqual([verifier.counters.late, verifier.counters.pending], [1, 1])
    arrive(await ownMachine())
    assert.equal(reasonOf(await verifier.verify(headers, request({ deadlineMs: 10_000 }))), 'verified')
    assert.deepEqual([verifier.counters.remembered, verifier.counters.pending], [1, 0])
  })
  it('takes no more work than it may have pending', async () => {
    const verifier = world.verifier({ maxPending: 1 }, { resolve: () => new Promise(() => {}) })
    const first = verifier.verify([await identity(world)], request({ deadlineMs: 20 }))
    const other = await identity(world, { claims: { attest: 'B' } })
    assert.deepEqual(await verifier.verify([other], request()), { status: 'late' })
    assert.deepEqual(await first, { status: 'late' })
  })
  it('refuses a configuration it could not work with', () => {
    assert.throws(() => world.verifier({ anchors: ['/nowhere'] }), { code: 'CONFIG_INVALID' })
    assert.throws(() => world.verifier({ anchors: [world.file('rubbish')] }), { code: 'CONFIG_INVALID' })
    assert.throws(() => world.verifier({ privateNetworks: ['10.0.0.0/40'] }), { code: 'CONFIG_INVALID' })
  })
})
