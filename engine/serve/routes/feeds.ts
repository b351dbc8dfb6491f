import { Type } from '@sinclair/typebox'
import { type FeedFormat, type Feeds, feedFormats } from '../../feeds/index.ts'
import { problem } from '../problem.ts'
import { type Answer, type Call, type RouteGroup, route } from '../route.ts'

const summaries: Readonly<Record<FeedFormat, string>> = {
  'blocklist.json': 'The blocklist, whole or what changed since an edition',
  'kamailio-htable': "The blocklist as a table for Kamailio's htable module (db_text)",
  'kamailio-secfilter': "The blocklist as a table for Kamailio's secfilter module (db_text)",
  'blocklist.zone': 'The blocklist as a DNS zone',
  'stix.json': 'The blocklist as STIX 2.1 indicators, without any number in it',
}

const Since = Type.Object(
  {
    since: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{16}$',
        description: 'version that the reader has; when it is no longer known here the whole list is given',
      }),
    ),
  },
  { additionalProperties: false },
)

export interface FeedRoutes {
  readonly feeds: Feeds
}

/** `/v1/feeds`: blocklists for the network, signed and expiring. */
export function feedRoutes({ feeds }: FeedRoutes): RouteGroup {
  const answer = async (
    format: FeedFormat,
    since: string | undefined,
    { headers }: Call<unknown, unknown, unknown>,
  ) => {
    const rendered = await feeds.render(format, since)
    if (rendered === undefined)
      return problem(503, 'the list is not complete yet; keep the copy you have', { headers: { 'retry-after': '5' } })
    const common = {
      etag: rendered.etag,
      'cache-control': 'private, no-cache',
      expires: new Date(rendered.expiresMs).toUTCString(),
      'feed-version': rendered.version,
      ...(rendered.signature === undefined ? {} : { 'feed-signature': rendered.signature }),
    }
    if (matches(headers['if-none-match'], rendered.etag)) return { status: 304, headers: common } satisfies Answer
    return { status: 200, body: rendered.text, headers: { ...common, 'content-type': feedFormats[format] } }
  }
  const formats = Object.keys(feedFormats) as FeedFormat[]
  return {
    tag: 'feeds',
    about:
      'Blocklists for the network. Each answer names its edition (ETag, Feed-Version), when a copy of it is to be thrown away (Expires), and is signed (Feed-Signature, a detached JWS) where a key is configured.',
    routes: [
      ...formats.map(format =>
        route({
          method: 'GET',
          path: `/v1/feeds/${format}`,
          access: 'feed',
          summary: summaries[format],
          ...(format === 'blocklist.json' ? { query: Since } : {}),
          answers: {
            200: { says: 'The list.', type: feedFormats[format] },
            304: { says: 'The reader has it (If-None-Match).' },
            503: { says: 'The list is not complete yet: the reader keeps what it has.' },
          },
          handle: call => answer(format, (call.query as { since?: string }).since, call),
        }),
      ),
      route({
        method: 'GET',
        path: '/v1/feeds/keys',
        access: 'public',
        summary: 'Public keys of the signatures (JWK set, RFC 7517)',
        answers: { 200: { says: 'The keys.', type: 'application/jwk-set+json' } },
        handle: () => ({
          status: 200,
          body: JSON.stringify(feeds.keys),
          headers: { 'content-type': 'application/jwk-set+json' },
        }),
      }),
    ],
  }
}

/** RFC 9110 §13.1.2: a list of validators, or `*`; weak ones compare alike. */
function matches(header: string | string[] | undefined, etag: string): boolean {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '')
  return text.split(',').some(each => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag)
}
