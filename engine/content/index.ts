export { type TextFactName, textFactNames, textFacts } from './facts.ts'
