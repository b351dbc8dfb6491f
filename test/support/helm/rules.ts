import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export const rulesPath = fileURLToPath(
  new URL('../../../../helm/ringfence/rules/ringfence.rules.yaml', import.meta.url),
)

export interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly for?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly interval?: string; readonly rules: readonly Rule[] }[]
}

/** The chart's rules. */
export const readRules = (): RuleFile => parse(readFileSync(rulesPath, 'utf8')) as RuleFile

/** Metric names of ours in a PromQL expression, recorded ones aside. */
export function metricsIn(expression: string): string[] {
  return [...new Set(expression.match(/\bringfence_[a-z0-9_]+/g) ?? [])]
}
