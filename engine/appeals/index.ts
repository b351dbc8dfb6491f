export { type Appeals, type AppealsOptions, createAppeals, type Filing, type Ruling } from './appeals.ts'
export { type Redress, readCardKey, signCard } from './card.ts'
