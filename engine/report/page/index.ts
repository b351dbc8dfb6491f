export type { Block, Section } from './blocks.ts'
export { htmlPage, sectionsOf } from './html.ts'
