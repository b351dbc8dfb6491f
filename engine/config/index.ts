export { documentConfig } from './document.ts'
export { type ConfigSource, loadConfig } from './load.ts'
export { type SchemaNode, variants } from './schema.ts'
