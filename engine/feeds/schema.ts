import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../activity/index.ts'

/** Options of the feeds for the network, as configuration writes them. */
export const feedsSchema = Type.Object(
  {
    atLeast: closed(['flag', 'challenge', 'divert', 'block'], 'mildest action that a party is published with', 'block'),
    lists: Type.Array(Type.String({ minLength: 1 }), {
      default: ['deny'],
      description: 'lists of single numbers and addresses that are published too; never a list of ranges or prefixes',
    }),
    maxEntries: Type.Integer({
      default: 200_000,
      minimum: 1,
      maximum: 5_000_000,
      description: 'parties published at most; those with the highest scores stay',
    }),
    maxAgeDays: Type.Integer({
      default: 30,
      minimum: 1,
      maximum: 365,
      description:
        'a party of whom nothing was heard for so long is not published any more: numbers are ported and given to others',
    }),
    rebuildSeconds: Type.Integer({
      default: 30,
      minimum: 1,
      maximum: 3600,
      description: 'how often the list is drawn up again, when it is asked for',
    }),
    validSeconds: Type.Integer({
      default: 3600,
      minimum: 60,
      maximum: 604_800,
      description: 'a copy that is older is to be thrown away: nobody stays blocked because a feed broke down',
    }),
    keyFile: Type.String({
      default: '',
      description: 'PEM private key (Ed25519 or P-256) that feeds are signed with; empty: they are not signed',
    }),
    zone: Type.String({
      default: 'blocklist.example',
      pattern: '^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,120}[A-Za-z0-9])?$',
      description: 'name of the DNS zone',
    }),
    stix: Type.Object(
      {
        mode: closed(
          ['prefix', 'pseudonym'],
          'prefix: beginnings of numbers that at least kAnonymity listed ones share; pseudonym: keyed hashes, for partners who have the key',
          'prefix',
        ),
        kAnonymity: Type.Integer({
          default: 5,
          minimum: 2,
          maximum: 10_000,
          description: 'listed numbers behind every prefix that is published',
        }),
        keyFile: Type.String({ default: '', description: 'key of the pseudonyms (HMAC-SHA-256): at least 16 bytes' }),
        identity: Type.String({ default: 'Ringfence', maxLength: 128, description: 'who publishes' }),
      },
      { default: {}, additionalProperties: false, description: 'STIX 2.1 indicators' },
    ),
  },
  { $id: 'Feeds', additionalProperties: false, description: 'Blocklists for the network (/v1/feeds).' },
)

export type FeedsOptions = Static<typeof feedsSchema>

/** Every option at its default. */
export const feedsDefaults: FeedsOptions = {
  atLeast: 'block',
  lists: ['deny'],
  maxEntries: 200_000,
  maxAgeDays: 30,
  rebuildSeconds: 30,
  validSeconds: 3600,
  keyFile: '',
  zone: 'blocklist.example',
  stix: { mode: 'prefix', kAnonymity: 5, keyFile: '', identity: 'Ringfence' },
}
