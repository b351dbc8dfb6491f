export { createDecide, type Decide, type DecideOptions } from './decide.ts'
export { partyOf } from './party.ts'
export { Decision, Question } from './question.ts'
