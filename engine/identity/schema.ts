import { type Static, Type } from '@sinclair/typebox'

/** Options of number normalisation, as configuration writes them. */
export const identitySchema = Type.Object(
  {
    defaultCountry: Type.String({
      default: 'FR',
      pattern: '^[A-Z]{2}$',
      description: 'ISO 3166 country in whose national format numbers without + or an international prefix are read',
    }),
    portabilityPrefixes: Type.Array(Type.String({ minLength: 1, maxLength: 16 }), {
      default: [],
      description: 'routing prefixes put before ported numbers, cut off before reading (e.g. D040, 1555)',
    }),
    cacheSize: Type.Integer({
      default: 200_000,
      minimum: 1_000,
      maximum: 10_000_000,
      description: 'numbers whose normal form and facts are remembered; about 150 bytes each',
    }),
  },
  { $id: 'Identity', additionalProperties: false },
)

export type IdentityOptions = Static<typeof identitySchema>
