export {
  createDecider,
  type Decider,
  type DeciderCounters,
  type DeciderOptions,
  type Decision,
  type Judged,
} from './decide.ts'
export { type Exemption, exemption } from './exempt.ts'
export type { OpinionFigures, SymbolFigures } from './figures.ts'
export type { PartyHistory } from './reputation.ts'
export { actionOf, type Present, type Scored, scoreSymbols } from './score.ts'
