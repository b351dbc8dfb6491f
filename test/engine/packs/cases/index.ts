import { callCases } from './calls.ts'
import type { RuleCase } from './case.ts'
import { floodCases } from './flood.ts'
import { fraudCases } from './fraud.ts'
import { identityCases } from './identity.ts'
import { messageCases } from './messages.ts'
import { otherCases } from './other.ts'

export type { RuleCase, Situation } from './case.ts'
export { floodCases } from './flood.ts'

/** A case for every rule of the default pack, one table a category. */
export const cases: Readonly<Record<string, RuleCase>> = {
  ...callCases,
  ...fraudCases,
  ...floodCases,
  ...identityCases,
  ...messageCases,
  ...otherCases,
}
