import type { ActivityKind, BilingualText, Role, Verdict } from '../activity/index.ts'
import type { Lists } from '../lists/index.ts'
import type { Condition } from './compile.ts'
import type { Frame, Vocabulary } from './vocabulary.ts'

export const ruleStates = ['enforce', 'shadow', 'off'] as const
export type RuleState = (typeof ruleStates)[number]

/** ITU-T X.1245 clauses 6.1 to 6.3. */
export const analyses = ['source', 'characteristics', 'content'] as const
export type Analysis = (typeof analyses)[number]

/** A named finding with a weight: what rules, composites and models have in common, and all that a verdict needs. */
export interface SymbolSpec {
  readonly symbol: string
  readonly score: number
  readonly group?: string
  readonly category?: string
  readonly state: 'enforce' | 'shadow'
  readonly says: BilingualText
  readonly class?: Verdict['class']
  /** How long a hit keeps counting for the party, and the half-life it decays with meanwhile; 0 holds nothing. */
  readonly holdMs: number
  readonly halfLifeMs: number
  /** It protects the target: a verdict on the activity and a shield, nothing against any standing. */
  readonly protects: boolean
  /** It goes by others of the same route or range: what it finds does not count as their spam, or it would feed itself. */
  readonly byCrowd: boolean
}

export interface Rule extends SymbolSpec {
  readonly kinds: readonly ActivityKind[]
  readonly role: Role
  readonly when: string
  readonly condition: Condition
  readonly analysis: Analysis
  readonly references: readonly string[]
  /** Schedule and scope; undefined: always and everywhere. */
  readonly applies: ((frame: Frame) => boolean) | undefined
  /** Field → `layer` that set it: what an override changed is visible. */
  readonly setBy: Readonly<Record<string, string>>
}

/** A symbol out of symbols. */
export interface Composite extends SymbolSpec {
  readonly when: string
  /** Symbols that the condition names. */
  readonly parts: readonly string[]
  readonly test: (has: (symbol: string) => boolean) => boolean
  readonly setBy: Readonly<Record<string, string>>
}

/** What a model's judgement weighs: `score` at full confidence. */
export interface ModelSymbol extends SymbolSpec {
  readonly model: ModelName
}

export const modelNames = ['text', 'behaviour'] as const
export type ModelName = (typeof modelNames)[number]

export interface Category {
  readonly name: string
  readonly says: BilingualText
}

/** What membership in a list does beyond rules: `emergency` and `trusted` and `allow` exempt, `none` leaves it to rules. */
export const listEffects = ['none', 'allow', 'emergency', 'trusted'] as const
export type ListEffect = (typeof listEffects)[number]

export interface Thresholds {
  readonly flag: number
  readonly challenge: number
  readonly divert: number
  readonly block: number
}

/** Layered packs, merged, checked and compiled. */
export interface Pack {
  /** `default-1.xxxxxxxx` of every layer joined by `+`: name, version and a hash of all that it says. */
  readonly version: string
  readonly layers: readonly string[]
  /** The names it was checked against: a judge reads features by these indexes. */
  readonly vocabulary: Vocabulary
  readonly timezone: string
  readonly thresholds: Thresholds
  /** Cap of each group's sum. */
  readonly groups: ReadonlyMap<string, number>
  readonly categories: ReadonlyMap<string, Category>
  /** Enforced and shadow rules; those that are off are only named in `off`. */
  readonly rules: readonly Rule[]
  readonly off: readonly string[]
  readonly composites: readonly Composite[]
  /** One symbol a model at most. */
  readonly models: readonly ModelSymbol[]
  readonly lists: Lists
  readonly effects: ReadonlyMap<string, ListEffect>
  /** `thresholds.flag`, `groups.rate`, … → layer that set it. */
  readonly setBy: Readonly<Record<string, string>>
}
