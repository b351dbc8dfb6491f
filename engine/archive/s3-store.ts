import { createWriteStream } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parse } from 'node:path/posix'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { AwsClient } from 'aws4fetch'
import { SaxesParser } from 'saxes'
import { messageOf, RingfenceError } from '../errors/index.ts'
import type { ArchiveStore } from './store.ts'

export interface S3Options {
  /** `s3://BUCKET/PREFIX`. */
  readonly url: string
  /** Base URL of the service; empty for AWS. */
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const TIMEOUT_MS = 60_000

/**
 * The archive in a bucket of Amazon S3 or anything that speaks its API, path style. A PUT is atomic there.
 * @throws RingfenceError CONFIG_INVALID for a URL that is none
 */
export function s3Store(options: S3Options): ArchiveStore {
  const { bucket, prefix } = splitUrl(options.url)
  const endpoint = (options.endpoint || `https://s3.${options.region}.amazonaws.com`).replace(/\/+$/, '')
  const { accessKeyId, secretAccessKey, region } = options
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 3 })
  const keyOf = (name: string) => (prefix === '' ? name : `${prefix}/${name}`)
  const urlOf = (key: string) => `${endpoint}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`

  async function call(method: string, url: string, body?: Uint8Array): Promise<Response> {
    let response: Response
    try {
      const init = { method, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body === undefined ? {} : { body }) }
      response = await client.fetch(url, init as RequestInit)
    } catch (error) {
      throw new RingfenceError('OUTPUT_FAILED', `archive: ${method} ${new URL(url).origin}: ${messageOf(error)}`, {
        hint: 'is archive.s3.endpoint right and reachable?',
        cause: error,
      })
    }
    if (response.ok || response.status === 404) return response
    const reason = /<Code>([^<]{1,64})<\/Code>/.exec(await response.text())?.[1] ?? response.statusText
    throw new RingfenceError('OUTPUT_FAILED', `archive: ${method} ${bucket}: ${response.status} ${reason}`)
  }

  async function get(name: string): Promise<Response | undefined> {
    const response = await call('GET', urlOf(keyOf(name)))
    return response.status === 404 ? undefined : response
  }

  return {
    place: options.url,
    async list(under) {
      const names: string[] = []
      let token: string | undefined
      do {
        const query = new URLSearchParams({ 'list-type': '2', prefix: keyOf(under) })
        if (token !== undefined) query.set('continuation-token', token)
        const response = await call('GET', `${endpoint}/${bucket}?${query}`)
        if (response.status === 404) throw new RingfenceError('OUTPUT_FAILED', `archive: no bucket '${bucket}'`)
        const page = readListing(await response.text())
        names.push(...page.keys.map(key => (prefix === '' ? key : key.slice(prefix.length + 1))))
        token = page.next
      } while (token !== undefined)
      return names.sort()
    },
    async put(name, file) {
      await call('PUT', urlOf(keyOf(name)), await readFile(file))
    },
    async read(name) {
      const response = await get(name)
      return response && new Uint8Array(await response.arrayBuffer())
    },
    async fetch(name, folder) {
      const response = await get(name)
      if (response?.body == null) throw new RingfenceError('INPUT_UNREADABLE', `archive: ${name} is gone`)
      const file = join(folder, name)
      await mkdir(dirname(file), { recursive: true })
      await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(file))
      return file
    },
    async remove(name) {
      await call('DELETE', urlOf(keyOf(name)))
    },
  }
}

function splitUrl(url: string): { bucket: string; prefix: string } {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(url)
  if (match === null)
    throw new RingfenceError('CONFIG_INVALID', `archive.path: '${url}' is not s3://BUCKET/PREFIX`, {
      hint: 'for example s3://telecom-archive/ringfence',
    })
  const { dir, base } = parse((match[2] ?? '').replace(/\/+$/, ''))
  return { bucket: match[1]!, prefix: dir === '' ? base : `${dir}/${base}` }
}

/** Keys and the continuation token of a ListObjectsV2 answer. */
function readListing(xml: string): { keys: readonly string[]; next: string | undefined } {
  const keys: string[] = []
  let next: string | undefined
  let text = ''
  const parser = new SaxesParser()
  parser.on('opentag', () => {
    text = ''
  })
  parser.on('text', piece => {
    text += piece
  })
  parser.on('closetag', ({ name }) => {
    if (name === 'Key') keys.push(text)
    if (name === 'NextContinuationToken') next = text
    text = ''
  })
  parser.write(xml).close()
  return { keys, next }
}
