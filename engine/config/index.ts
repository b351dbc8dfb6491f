export { documentConfig } from './document.ts'
export { type ConfigSource, loadConfig } from './load.ts'
export { environmentName, type SchemaNode, variants } from './schema.ts'
