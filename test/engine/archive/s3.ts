import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret access key', region: 'eu-west-3' }

/**
 * A server that speaks the part of S3 that an archive needs, and believes nothing: each request's signature is worked out
 * again from AWS's description of Signature Version 4. Listings come two keys a page.
 */
export async function s3Server(t: TestContext, bucket: string) {
  const objects = new Map<string, Buffer>()
  const refused: string[] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    const url = new URL(request.url!, `http://${request.headers.host}`)
    if (request.headers.authorization !== signatureOf(request, url)) {
      refused.push(`${request.method} ${request.url}`)
      response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>')
      return
    }
    const key = decodeURIComponent(url.pathname.slice(bucket.length + 2))
    if (!url.pathname.startsWith(`/${bucket}`)) response.writeHead(404).end()
    else if (request.method === 'PUT') {
      objects.set(key, body)
      response.writeHead(200).end()
    } else if (request.method === 'DELETE') {
      objects.delete(key)
      response.writeHead(204).end()
    } else if (url.searchParams.get('list-type') === '2') {
      const after = url.searchParams.get('continuation-token') ?? ''
      const keys = [...objects.keys()].filter(name => name.startsWith(url.searchParams.get('prefix') ?? '')).sort()
      const page = keys.filter(name => name > after).slice(0, 2)
      const more = page.length > 0 && keys.at(-1) !== page.at(-1)
      response.end(
        `<?xml version="1.0"?><ListBucketResult>${page.map(name => `<Contents><Key>${name}</Key></Contents>`).join('')}${more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''}</ListBucketResult>`,
      )
    } else if (objects.has(key)) response.end(objects.get(key))
    else response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, objects, refused }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

function signatureOf(request: IncomingMessage, url: URL): string {
  const signed = /SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const time = String(request.headers['x-amz-date'])
  const query = [...url.searchParams]
    .map(pair => pair.map(encodeRfc3986).join('='))
    .sort()
    .join('&')
  const headers = signed.split(';').map(name => `${name}:${String(request.headers[name]).trim()}\n`)
  const canonical = [
    request.method,
    url.pathname,
    query,
    headers.join(''),
    signed,
    String(request.headers['x-amz-content-sha256']),
  ].join('\n')
  const scope = `${time.slice(0, 8)}/${credentials.region}/s3/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')
  const key = ['s3', 'aws4_request'].reduce<Buffer>(
    hmac,
    hmac(hmac(`AWS4${credentials.secretAccessKey}`, time.slice(0, 8)), credentials.region),
  )
  const signature = createHmac('sha256', key).update(toSign).digest('hex')
  return `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`
}

const encodeRfc3986 = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
