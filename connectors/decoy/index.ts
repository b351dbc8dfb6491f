export { decoyConnector } from './connector.ts'
export { type DecoyOptions, decoySchema } from './options.ts'
