import { type ASTNode, TypeError as CelTypeError, Environment, ParseError } from '@marcbachmann/cel-js'
import { type Lists, noLists } from '../lists/index.ts'
import { suggestion } from './problems.ts'
import { activityFacts, type Vocabulary } from './vocabulary.ts'

/** A condition that parsed, type-checked and gave a bool. */
export interface Expression {
  readonly source: string
  readonly ast: ASTNode
  /** The library's own evaluation: the fallback and, in tests, the oracle. */
  readonly evaluate: (context: Record<string, unknown>, lists?: Lists) => unknown
  /** `origin.calls_10m`, `text.links`, … in order of appearance, each once. */
  readonly names: readonly string[]
}

/** What is wrong with a condition: `start`..`end` is the place in its text. */
export interface ExpressionProblem {
  readonly message: string
  readonly start: number
  readonly end: number
  readonly hint?: string
}

export type Checked =
  | { readonly ok: true; readonly expression: Expression }
  | ({ readonly ok: false } & ExpressionProblem)

/** Parses and type-checks conditions against one vocabulary. */
export interface ExpressionChecker {
  check(source: string): Checked
}

const NUMERIC = new Set(['==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', 'in'])

/** Conditions of rules: origin.*, target.*, text.*, route.*, range.* are doubles, activity.* as in `activityFacts`, and `listed(list, text)`. */
export function ruleChecker(vocabulary: Vocabulary, listNames: readonly string[]): ExpressionChecker {
  const current = { lists: noLists }
  const doubles = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, 'double']))
  const celTypes = { number: 'double', string: 'string', bool: 'bool', list: 'list<string>' } as const
  const facts = Object.fromEntries(Object.entries(activityFacts).map(([name, fact]) => [name, celTypes[fact.type]]))
  const environment = new Environment()
    .registerVariable({ name: 'origin', schema: doubles(vocabulary.features) })
    .registerVariable({ name: 'target', schema: doubles(vocabulary.features) })
    .registerVariable({ name: 'text', schema: doubles(vocabulary.textFacts) })
    .registerVariable({ name: 'route', schema: doubles(vocabulary.crowds) })
    .registerVariable({ name: 'range', schema: doubles(vocabulary.crowds) })
    .registerVariable({ name: 'activity', schema: facts })
    .registerFunction('listed(string, string): bool', (name: string, value: string) => current.lists.has(name, value))
  const fields: Record<string, readonly string[]> = {
    origin: vocabulary.features,
    target: vocabulary.features,
    text: vocabulary.textFacts,
    route: vocabulary.crowds,
    range: vocabulary.crowds,
    activity: Object.keys(activityFacts),
  }
  return {
    check(source) {
      const checked = checkIn(environment, fields, source, current)
      if (!checked.ok) return checked
      return checkLists(checked.expression, listNames) ?? checkSides(checked.expression) ?? checked
    },
  }
}

/** Conditions of composites: each symbol is a bool. */
export function symbolChecker(symbols: readonly string[]): ExpressionChecker {
  const environment = new Environment()
  for (const symbol of symbols) environment.registerVariable(symbol, 'bool')
  return { check: source => checkIn(environment, { '': symbols }, source) }
}

function checkIn(
  environment: Environment,
  fields: Record<string, readonly string[]>,
  source: string,
  current = { lists: noLists },
): Checked {
  try {
    const parsed = environment.parse(source)
    coerceIntegers(parsed.ast, false)
    const names = namesIn(parsed.ast)
    const unknown = unknownName(parsed.ast, fields)
    if (unknown !== undefined) return { ok: false, ...unknown }
    const { valid, type, error } = parsed.check()
    if (!valid) return { ok: false, ...celProblem(error, source) }
    if (type !== 'bool') {
      const message = `gives ${type ?? 'nothing'}, must give true or false`
      return { ok: false, message, start: 0, end: source.length, hint: 'compare it with something: … >= 20' }
    }
    const evaluate = (context: Record<string, unknown>, lists: Lists = noLists): unknown => {
      current.lists = lists
      return parsed(context)
    }
    return { ok: true, expression: { source, ast: parsed.ast, evaluate, names } }
  } catch (error) {
    return { ok: false, ...celProblem(error, source) }
  }
}

function celProblem(error: unknown, source: string): ExpressionProblem {
  if (error instanceof ParseError || error instanceof CelTypeError || hasSummary(error)) {
    const start = error.range?.start ?? 0
    return { message: error.summary, start, end: error.range?.end ?? source.length }
  }
  return { message: error instanceof Error ? error.message : String(error), start: 0, end: source.length }
}

function hasSummary(error: unknown): error is { summary: string; range?: { start: number; end: number } } {
  return error instanceof Error && 'summary' in error && typeof error.summary === 'string'
}

/**
 * Every quantity in a rule is a double, and operators write `>= 20`: integer literals beside an operator become doubles
 * before the type check. Arguments of functions keep theirs (`substring(0, 3)` takes ints).
 */
function coerceIntegers(node: ASTNode, operand: boolean): void {
  if (node.op === 'value') {
    if (operand && typeof node.args === 'bigint') (node as { args: unknown }).args = Number(node.args)
    return
  }
  const passes = NUMERIC.has(node.op) || node.op === '-_' || node.op === '?:' || (node.op === 'list' && operand)
  for (const child of childrenOf(node)) coerceIntegers(child, passes)
}

/** The operands of a node, whatever its kind; macros and access by name give what they hold. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  const found: ASTNode[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item)
    else if (isNode(value)) found.push(value)
  }
  visit(node.args)
  return found
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

/** `origin.calls_10m` of a field access on a variable; undefined for every other node. */
export function nameOf(node: ASTNode): string | undefined {
  if (node.op !== '.') return undefined
  const [left, field] = node.args
  return left.op === 'id' ? `${left.args}.${field}` : undefined
}

function namesIn(ast: ASTNode): readonly string[] {
  const names = new Set<string>()
  const visit = (node: ASTNode): void => {
    const name = nameOf(node)
    if (name !== undefined) names.add(name)
    else if (node.op === 'id') names.add(node.args)
    else for (const child of childrenOf(node)) visit(child)
  }
  visit(ast)
  return [...names]
}

/** Methods whose first argument names a variable of their own. */
const binding = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

function unknownName(
  ast: ASTNode,
  fields: Record<string, readonly string[]>,
  bound: readonly string[] = [],
): ExpressionProblem | undefined {
  if (ast.op === '.' && ast.args[0].op === 'id') {
    const [owner, field] = [ast.args[0].args, ast.args[1]]
    const valid = fields[owner]
    if (valid !== undefined && !valid.includes(field)) {
      const hint = suggestion(field, valid)
      const message = `unknown name "${owner}.${field}"`
      return { message, start: ast.pos, end: ast.pos + field.length, ...(hint === undefined ? {} : { hint }) }
    }
  }
  if (ast.op === 'id') {
    const valid = fields[''] ?? Object.keys(fields)
    if (!valid.includes(ast.args) && !bound.includes(ast.args)) {
      const hint = suggestion(ast.args, valid)
      return {
        message: `unknown name "${ast.args}"`,
        start: ast.start,
        end: ast.end,
        ...(hint === undefined ? {} : { hint }),
      }
    }
  }
  const own = ast.op === 'rcall' && binding.has(ast.args[0]) ? ast.args[2][0] : undefined
  const inside = own?.op === 'id' ? [...bound, own.args] : bound
  for (const child of childrenOf(ast)) {
    const problem = unknownName(child, fields, inside)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** A record is judged where its key lives: the origin's features and the target's are in different partitions. */
function checkSides({ names, source }: Expression): Checked | undefined {
  const target = names.find(name => name.startsWith('target.'))
  if (target === undefined || !names.some(name => name.startsWith('origin.'))) return undefined
  const start = source.indexOf(target)
  return {
    ok: false,
    message: 'mixes origin.* and target.*, which live in different partitions',
    start,
    end: start + target.length,
    hint: 'make two rules and combine their symbols in a composite, or use facts of activity.*',
  }
}

function checkLists({ ast }: Expression, listNames: readonly string[]): Checked | undefined {
  const visit = (node: ASTNode): Checked | undefined => {
    if (node.op === 'call' && node.args[0] === 'listed') {
      const name = node.args[1][0]
      if (name?.op !== 'value' || typeof name.args !== 'string') {
        return {
          ok: false,
          message: 'listed() takes the name of a list as a literal',
          start: node.start,
          end: node.end,
        }
      }
      if (!listNames.includes(name.args)) {
        const hint = suggestion(name.args, listNames)
        const message = `no list is named "${name.args}"`
        return { ok: false, message, start: name.start, end: name.end, ...(hint === undefined ? {} : { hint }) }
      }
    }
    for (const child of childrenOf(node)) {
      const problem = visit(child)
      if (problem !== undefined) return problem
    }
    return undefined
  }
  return visit(ast)
}
