export { createIdentity, type Identity } from './identity.ts'
export { callingCountry, type NumberFacts, type NumberType, neighbourDigits } from './numbers.ts'
export { type IdentityOptions, identitySchema } from './schema.ts'
