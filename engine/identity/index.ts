export { createIdentity, type Identity } from './identity.ts'
export { type NumberFacts, type NumberType, neighbourDigits } from './numbers.ts'
export { type IdentityOptions, identitySchema } from './schema.ts'
