import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isPublicAddress, networkTest } from './addresses.ts'
import { Failure } from './reasons.ts'

export interface FetchOptions {
  readonly hosts: readonly string[]
  readonly ports: readonly number[]
  readonly privateNetworks: readonly string[]
  readonly timeoutMs: number
  readonly maxBytes: number
  /** Name resolution; the system's by default. */
  readonly resolve?: ((host: string) => Promise<readonly LookupAddress[]>) | undefined
  /** Certificates that servers are checked against, beside the well-known ones: for a repository of one's own. */
  readonly ca?: readonly string[] | undefined
}

export interface Fetched {
  readonly bytes: Uint8Array
  /** Cache-Control's max-age in seconds, undefined when the server does not say. */
  readonly maxAgeSeconds: number | undefined
}

/** Fetches one file; fails with `x5u-refused` (never connected) or `certificate-unreachable`. */
export type Fetcher = (url: string, maxBytes?: number) => Promise<Fetched>

const MAX_REDIRECTS = 3
const MAX_URL = 2048

/**
 * A fetcher for addresses that strangers name (x5u): https only, hosts and ports of a list, no credentials in the URL, and no
 * address that is not public, whether written out, resolved to (every address a name has is checked, in the look-up that the
 * connection itself uses, so that a second answer of the name server cannot differ) or redirected to.
 * @throws RingfenceError CONFIG_INVALID for a private network that is no block
 */
export function createFetcher(options: FetchOptions): Fetcher {
  const isOwn = networkTest(options.privateNetworks, 'passport.privateNetworks')
  const isAllowed = (address: string) => isPublicAddress(address) || isOwn(address)
  const hosts = options.hosts.map(host => host.toLowerCase())
  const lookup = guardedLookup(options.resolve ?? resolveBySystem, isAllowed)

  function checked(text: string, base?: string): URL {
    const url = text.length <= MAX_URL && URL.canParse(text, base) ? new URL(text, base) : undefined
    if (url === undefined || url.protocol !== 'https:') throw new Failure('x5u-refused', 'not an https URL')
    if (url.username !== '' || url.password !== '') throw new Failure('x5u-refused', 'credentials in the URL')
    const host = url.hostname.replace(/^\[|\]$/g, '')
    if (!hosts.some(pattern => matches(pattern.replace(/^\[|\]$/g, ''), host)))
      throw new Failure('x5u-refused', 'host is not in the list')
    if (!options.ports.includes(url.port === '' ? 443 : Number(url.port)))
      throw new Failure('x5u-refused', 'port is not in the list')
    if (isIP(host) !== 0 && !isAllowed(host)) throw new Failure('x5u-refused', 'address is not public')
    return url
  }

  return async (text, maxBytes = options.maxBytes) => {
    let url = checked(text)
    const deadline = AbortSignal.timeout(options.timeoutMs)
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const answer = await get(url, { maxBytes, signal: deadline, lookup, ca: options.ca })
      if ('bytes' in answer) return answer
      url = checked(answer.location, url.href)
    }
    throw new Failure('certificate-unreachable', 'too many redirects')
  }
}

interface GetOptions {
  readonly maxBytes: number
  readonly signal: AbortSignal
  readonly lookup: LookupFunction
  readonly ca: readonly string[] | undefined
}

function get(url: URL, options: GetOptions): Promise<Fetched | { location: string }> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(error instanceof Failure ? error : new Failure('certificate-unreachable', error.message))
    // A name server that does not answer is not stopped by the request's signal.
    options.signal.addEventListener('abort', () => fail(new Error('took too long')), { once: true })
    const asking = request(
      url,
      {
        method: 'GET',
        agent: false,
        headers: { accept: 'application/pem-certificate-chain, application/pkix-cert, application/pkix-crl' },
        lookup: options.lookup,
        signal: options.signal,
        ...(options.ca === undefined ? {} : { ca: [...options.ca] }),
      },
      response => {
        read(response, options.maxBytes).then(resolve, error => {
          asking.destroy()
          fail(error)
        })
      },
    )
    asking.on('error', fail)
    asking.end()
  })
}

async function read(response: IncomingMessage, maxBytes: number): Promise<Fetched | { location: string }> {
  const status = response.statusCode ?? 0
  const { location } = response.headers
  if (status >= 300 && status < 400 && location !== undefined) {
    response.destroy()
    return { location }
  }
  if (status !== 200) {
    response.destroy()
    throw new Failure('certificate-unreachable', `status ${status}`)
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw new Failure('certificate-unreachable', 'too large')
    chunks.push(chunk)
  }
  const age = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(response.headers['cache-control'] ?? '')?.[1]
  return { bytes: Buffer.concat(chunks), maxAgeSeconds: age === undefined ? undefined : Number(age) }
}

/** `*.example.net` is every host under it, not itself. */
function matches(pattern: string, host: string): boolean {
  return pattern.startsWith('*.')
    ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1
    : pattern === host
}

function guardedLookup(
  resolve: (host: string) => Promise<readonly LookupAddress[]>,
  isAllowed: (address: string) => boolean,
): LookupFunction {
  return (host: string, options: LookupOptions, done) => {
    resolve(host).then(
      addresses => {
        const usable = addresses.filter(({ family }) => !options.family || options.family === family)
        const first = usable[0]
        if (first === undefined) done(new Failure('certificate-unreachable', 'name does not resolve'), '', 0)
        else if (!addresses.every(({ address }) => isAllowed(address)))
          done(new Failure('x5u-refused', 'name resolves to an address that is not public'), '', 0)
        else if (options.all === true) done(null, [...usable])
        else done(null, first.address, first.family)
      },
      (error: Error) => done(new Failure('certificate-unreachable', error.message), '', 0),
    )
  }
}

function resolveBySystem(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    dnsLookup(host, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)))
  })
}
