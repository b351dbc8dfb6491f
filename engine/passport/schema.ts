import { type Static, Type } from '@sinclair/typebox'

/** Options of STIR/SHAKEN verification, as configuration writes them. */
export const passportSchema = Type.Object(
  {
    anchors: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'PEM files of the trust anchors (root certificates of the STI-CAs); empty: PASSporTs are not verified',
    }),
    hosts: Type.Array(Type.String({ pattern: '^(\\*\\.)?[A-Za-z0-9.:\\[\\]-]{1,253}$' }), {
      default: [],
      description:
        'hosts that certificates (x5u) and revocation lists may be fetched from; *.example.net for all under a domain',
    }),
    ports: Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), {
      default: [443, 8443],
      description: 'ports that may be fetched from',
    }),
    privateNetworks: Type.Array(Type.String(), {
      default: [],
      description:
        "blocks of addresses that may be fetched from though they are not public: the operator's own certificate repository",
    }),
    freshnessSeconds: Type.Integer({
      default: 60,
      minimum: 1,
      maximum: 3600,
      description: 'how old a token may be, and how far in the future its date (RFC 8224 §5.2: 60)',
    }),
    deadlineMs: Type.Integer({
      default: 500,
      minimum: 1,
      maximum: 10_000,
      description: 'a call of a tap waits so long for its verification, then goes on without (ms)',
    }),
    maxPending: Type.Integer({
      default: 4096,
      minimum: 1,
      maximum: 1_000_000,
      description: 'verifications under way at once; beyond it calls go on without',
    }),
    requireTnAuthList: Type.Boolean({
      default: true,
      description: 'refuse certificates that do not say for whom they speak (RFC 8226 §9)',
    }),
    fetch: Type.Object(
      {
        timeoutMs: Type.Integer({
          default: 3000,
          minimum: 50,
          maximum: 60_000,
          description: 'for a certificate, redirects included (ms)',
        }),
        maxBytes: Type.Integer({
          default: 65_536,
          minimum: 1024,
          maximum: 16_777_216,
          description: 'largest certificate chain (bytes)',
        }),
        cacheSeconds: Type.Integer({
          default: 3600,
          minimum: 1,
          maximum: 86_400,
          description: 'a certificate is fetched again after so long, or sooner when its server says so',
        }),
        retrySeconds: Type.Integer({
          default: 30,
          minimum: 1,
          maximum: 3600,
          description: 'what could not be fetched is tried again after so long',
        }),
        cacheEntries: Type.Integer({
          default: 2000,
          minimum: 1,
          maximum: 100_000,
          description: 'certificates remembered',
        }),
      },
      { default: {}, additionalProperties: false, description: 'fetching of certificates' },
    ),
    crl: Type.Object(
      {
        files: Type.Array(Type.String({ minLength: 1 }), {
          default: [],
          description: 'revocation lists, PEM or DER, read again at every refresh',
        }),
        urls: Type.Array(Type.String({ pattern: '^https://' }), {
          default: [],
          description: 'revocation lists to fetch, from hosts of `hosts` only',
        }),
        signers: Type.Array(Type.String({ minLength: 1 }), {
          default: [],
          description:
            'PEM files of certificates that may sign a list for other issuers (indirect CRL, as the STI-PA does); the anchors may as well',
        }),
        refreshSeconds: Type.Integer({
          default: 3600,
          minimum: 10,
          maximum: 604_800,
          description: 'how often lists are read again',
        }),
        maxBytes: Type.Integer({
          default: 8_388_608,
          minimum: 1024,
          maximum: 134_217_728,
          description: 'largest list (bytes)',
        }),
        required: Type.Boolean({
          default: false,
          description: 'refuse a certificate that no current list speaks of',
        }),
      },
      { default: {}, additionalProperties: false, description: 'revocation' },
    ),
  },
  {
    $id: 'Passport',
    additionalProperties: false,
    description: 'STIR/SHAKEN: verification of signed caller identities.',
  },
)

export type PassportOptions = Static<typeof passportSchema>

/** Every option at its default. */
export const passportDefaults: PassportOptions = {
  anchors: [],
  hosts: [],
  ports: [443, 8443],
  privateNetworks: [],
  freshnessSeconds: 60,
  deadlineMs: 500,
  maxPending: 4096,
  requireTnAuthList: true,
  fetch: { timeoutMs: 3000, maxBytes: 65_536, cacheSeconds: 3600, retrySeconds: 30, cacheEntries: 2000 },
  crl: { files: [], urls: [], signers: [], refreshSeconds: 3600, maxBytes: 8_388_608, required: false },
}
