import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../activity/index.ts'
import { roles } from './route.ts'

const role = closed(roles, 'what it may do: docs/api.md has the table')
const name = Type.String({
  pattern: '^[A-Za-z0-9._@-]{1,64}$',
  description: 'who holds it; named in the audit trail',
})

/** The `serve` section of the configuration. */
export const serveSchema = Type.Object(
  {
    listen: Type.String({
      default: '127.0.0.1:9464',
      description: 'HOST:PORT of the API, /metrics, /healthz and /readyz',
    }),
    tokens: Type.Array(
      Type.Object({
        name,
        role,
        sha256: Type.String({
          pattern: '^[0-9a-f]{64}$',
          description:
            "hexadecimal SHA-256 of the token: `printf %s TOKEN | sha256sum`; the token itself is nobody's to read",
        }),
      }),
      { default: [], description: 'who may call the API with `Authorization: Bearer TOKEN`; nobody when empty' },
    ),
    certificates: Type.Array(
      Type.Object({
        name,
        role,
        commonName: Type.String({
          minLength: 1,
          maxLength: 64,
          description: "common name in the certificate's subject",
        }),
      }),
      { default: [], description: 'who may call the API with a client certificate that serve.tls.clientCaFile signed' },
    ),
    tls: Type.Object(
      {
        certFile: Type.String({ default: '', description: 'PEM certificate chain; empty serves plain HTTP' }),
        keyFile: Type.String({ default: '', description: 'PEM key of the certificate' }),
        clientCaFile: Type.String({ default: '', description: 'PEM authorities of client certificates' }),
      },
      { description: 'TLS of the HTTP listener.' },
    ),
    appeals: Type.Object(
      {
        answerHours: Type.Integer({
          default: 24,
          minimum: 1,
          maximum: 8_760,
          description: 'hours in which an appeal is to be answered; later it is overdue, and counted so',
        }),
        name: Type.String({
          default: '',
          maxLength: 128,
          description: 'name of the operator on the signed card of a 608 (RFC 8688)',
        }),
        url: Type.String({ default: '', maxLength: 256, description: 'page for redress, on the card' }),
        email: Type.String({ default: '', maxLength: 128, description: 'address for redress, on the card' }),
        tel: Type.String({ default: '', maxLength: 32, description: 'number for redress, on the card' }),
        keyFile: Type.String({ default: '', description: 'PEM key on P-256 that signs the card; no card without' }),
        x5u: Type.String({ default: '', maxLength: 256, description: "https: URL of the key's certificate" }),
        cardUrl: Type.String({
          default: '',
          maxLength: 200,
          pattern: '^$|^https?://[!#-;=?-~]+$',
          description: 'public URL of /v1/appeals/card, put into Call-Info of a 608',
        }),
        secret: Type.String({
          default: '',
          maxLength: 256,
          description:
            'seals the tickets with which refused callers appeal; the same for all processes of an installation; empty makes one up at the start',
        }),
        periodDays: Type.Integer({
          default: 30,
          minimum: 1,
          maximum: 366,
          description:
            'days in which a refused caller may file one appeal of its own; its ticket is good twice as long',
        }),
      },
      { description: 'Appeals of listed parties.' },
    ),
    decisionsPerSecond: Type.Integer({
      default: 20_000,
      minimum: 1,
      description: 'decisions that one caller may ask for in a second; beyond it 429',
    }),
    requestsPerSecond: Type.Integer({
      default: 100,
      minimum: 1,
      description: 'other requests that one caller may make in a second',
    }),
    strangersPerSecond: Type.Integer({
      default: 20,
      minimum: 1,
      description: 'refused and public requests answered to one address in a second; beyond it 429',
    }),
    maxParties: Type.Integer({
      default: 5_000_000,
      minimum: 1_000,
      maximum: 100_000_000,
      description:
        'parties in the view of reputations, some 70 bytes each; when full, those without a standing leave first',
    }),
    maxStaleSeconds: Type.Integer({
      default: 60,
      minimum: 1,
      description: 'when the view is further behind the event log than this, /readyz says so; it goes on answering',
    }),
    bodyBytes: Type.Integer({
      default: 65_536,
      minimum: 1_024,
      maximum: 16_777_216,
      description: 'largest request body',
    }),
  },
  { description: 'HTTP: the API, metrics and health.' },
)

export type ServeConfig = Static<typeof serveSchema>
