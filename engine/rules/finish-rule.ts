import type { Role } from '../activity/index.ts'
import { nearest } from '../errors/index.ts'
import { type Condition, compileCondition } from './compile.ts'
import type { Expression, ExpressionChecker } from './expression.ts'
import type { Composite, ModelSymbol, Rule, SymbolSpec } from './pack.ts'
import { type PackProblem, suggestion } from './problems.ts'
import type { Draft, DraftField } from './read-rule.ts'
import type { Place } from './source.ts'
import type { Frame, Vocabulary } from './vocabulary.ts'
import { compileSchedule, compileScope } from './when-where.ts'

/** A draft out of all layers, and which layer set each field. */
export interface MergedDraft {
  readonly draft: Draft
  readonly setBy: Readonly<Record<string, string>>
}

export interface Surroundings {
  readonly vocabulary: Vocabulary
  readonly checker: ExpressionChecker
  readonly groups: readonly string[]
  readonly categories: readonly string[]
  /** Every symbol of every layer. */
  readonly symbols: readonly string[]
  readonly holdMs: number
  readonly halfLifeMs: number
  readonly problem: (problem: PackProblem) => void
}

/** Checks and compiles a rule; undefined when it has problems, which were reported. */
export function finishRule({ draft, setBy }: MergedDraft, around: Surroundings): Rule | undefined {
  const missing = missingFields(draft, ['on', 'when', 'score', 'category', 'analysis', 'says'], around)
  const expression = checkWhen(draft, around)
  const spec = finishSymbol(draft, around)
  if (missing || expression === undefined || spec === undefined) return undefined
  if (!rightSide(draft, expression, around)) return undefined
  const role: Role = spec.protects ? 'target' : 'origin'
  const condition: Condition = compileCondition(expression, around.vocabulary)
  return {
    ...spec,
    kinds: draft.on!.value,
    role,
    when: expression.source,
    condition,
    analysis: draft.analysis!.value,
    references: draft.references?.value ?? [],
    applies: applicability(draft),
    setBy,
  }
}

/** Checks and compiles a composite; its condition is over symbols. */
export function finishComposite({ draft, setBy }: MergedDraft, around: Surroundings): Composite | undefined {
  const missing = missingFields(draft, ['when', 'score', 'says'], around)
  const expression = checkWhen(draft, around)
  const spec = finishSymbol(draft, around)
  if (missing || expression === undefined || spec === undefined) return undefined
  const parts = expression.names
  return {
    ...spec,
    when: expression.source,
    parts,
    // Composites are asked only when one of their symbols is there: the library's own evaluation is fast enough.
    test: has => expression.evaluate(Object.fromEntries(parts.map(part => [part, has(part)]))) === true,
    setBy,
  }
}

/** Checks a model's symbol. */
export function finishModel({ draft }: MergedDraft, around: Surroundings): ModelSymbol | undefined {
  const missing = missingFields(draft, ['model', 'score', 'category', 'says'], around)
  const spec = finishSymbol(draft, around)
  return missing || spec === undefined ? undefined : { ...spec, model: draft.model!.value }
}

function missingFields(draft: Draft, needed: readonly DraftField[], { problem, symbols }: Surroundings): boolean {
  const missing = needed.filter(field => draft[field] === undefined)
  for (const field of missing) {
    if (draft.broken.includes(field)) continue
    // An override of a misspelt symbol looks like a rule without its fields.
    const symbol = draft.symbol.value
    const near = nearest(
      symbol,
      symbols.filter(other => other !== symbol),
    )
    const hint = near === undefined ? {} : { hint: `a new rule needs it; to override one, did you mean "${near}"?` }
    problem({ ...draft.symbol.at, field: `${symbol}.${field}`, message: 'is missing', ...hint })
  }
  return missing.length > 0
}

function checkWhen(draft: Draft, { checker, problem }: Surroundings): Expression | undefined {
  if (draft.when === undefined) return undefined
  const checked = checker.check(draft.when.value)
  if (checked.ok) return checked.expression
  const { message, hint } = checked
  problem({
    ...draft.when.placeAt(checked.start),
    field: `${draft.symbol.value}.when`,
    message,
    ...(hint === undefined ? {} : { hint }),
  })
  return undefined
}

function finishSymbol(draft: Draft, around: Surroundings): SymbolSpec | undefined {
  const symbol = draft.symbol.value
  const known = (field: 'group' | 'category', valid: readonly string[]): boolean => {
    const given = draft[field]
    if (given === undefined || valid.includes(given.value)) return true
    const hint = suggestion(given.value, valid)
    const message = `no ${field} is named "${given.value}"`
    around.problem({ ...given.at, field: `${symbol}.${field}`, message, ...(hint === undefined ? {} : { hint }) })
    return false
  }
  const named = [known('group', around.groups), known('category', around.categories)]
  if (named.includes(false) || draft.score === undefined || draft.says === undefined) return undefined
  const holdMs = draft.hold?.value ?? around.holdMs
  return {
    symbol,
    score: draft.score.value,
    ...(draft.group === undefined ? {} : { group: draft.group.value }),
    ...(draft.category === undefined ? {} : { category: draft.category.value }),
    state: draft.state?.value === 'shadow' ? 'shadow' : 'enforce',
    says: draft.says.value,
    ...(draft.class === undefined ? {} : { class: draft.class.value }),
    holdMs,
    // A half-life beyond the hold is no decay at all before it ends: allowed, and said so in docs/rules.md.
    halfLifeMs: draft.halfLife?.value ?? Math.min(around.halfLifeMs, holdMs),
    protects: draft.protects !== undefined,
    byCrowd: /\b(route|range)\./.test(draft.when?.value ?? ''),
  }
}

/** target.* belongs to rules that protect the target, and only to them: what is done to a party never counts against it. */
function rightSide(draft: Draft, { names }: Expression, { problem }: Surroundings): boolean {
  const wrong = names.find(name => name.startsWith(draft.protects === undefined ? 'target.' : 'origin.'))
  if (wrong === undefined) return true
  const at: Place = draft.when!.placeAt(draft.when!.value.indexOf(wrong))
  const [message, hint] =
    draft.protects === undefined
      ? [
          `${wrong} is about the party acted upon`,
          'add `protects: target`: what is done to a party never counts against it',
        ]
      : [
          `${wrong} is about the party that acts`,
          'a rule that protects the target reads target.*, text.* and activity.*',
        ]
  problem({ ...at, field: `${draft.symbol.value}.when`, message, hint })
  return false
}

function applicability(draft: Draft): ((frame: Frame) => boolean) | undefined {
  const schedule = draft.schedule === undefined ? undefined : compileSchedule(draft.schedule.value)
  const scope = draft.scope === undefined ? undefined : compileScope(draft.scope.value)
  if (schedule === undefined || scope === undefined) return schedule ?? scope
  return frame => scope(frame) && schedule(frame)
}
