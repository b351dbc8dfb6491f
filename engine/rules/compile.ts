import { type ASTNode, serialize } from '@marcbachmann/cel-js'
import type { Lists } from '../lists/index.ts'
import { childrenOf, type Expression, nameOf } from './expression.ts'
import { canHold, type Gate, gateOf } from './gate.ts'
import { activityFacts, type Frame, type Value, type Vocabulary } from './vocabulary.ts'

/**
 * From CEL's syntax tree to JavaScript closures. The library parses and type-checks; its own evaluation of thirty two-term
 * rules takes 6.3 µs an event, closures 0.4 µs. Tried: source text through `new Function`, a little faster still, and given
 * up: packs are data, and data must not reach a code generator. Comparisons with a constant have closures of their own,
 * since nearly every term of a rule is one and most rules end at their first.
 */
export type Run<T> = (frame: Frame) => T

type Compiled =
  | { readonly type: 'number'; readonly run: Run<number>; readonly constant?: number }
  | { readonly type: 'string'; readonly run: Run<string>; readonly constant?: string }
  | { readonly type: 'bool'; readonly run: Run<boolean> }
  | { readonly type: 'list'; readonly run: Run<readonly string[]>; readonly constant?: ReadonlySet<Value> }

/** One comparison inside a condition, for explanations. */
export interface Leaf {
  readonly text: string
  readonly names: readonly string[]
  readonly test: Run<boolean>
  /** Of a comparison with a constant: its left side and the constant. */
  readonly bound?: { readonly value: Run<number>; readonly limit: number }
}

export interface Condition {
  readonly test: Run<boolean>
  /** What the test cannot hold below, told by one number alone. */
  readonly gate: Gate | undefined
  /** False: whatever the record, the test cannot hold, since the lists that it asks are empty. */
  readonly canHold: (lists: Lists) => boolean
  /** False: a construct that has no closure, evaluated by the library (some µs instead of some ns). */
  readonly closures: boolean
  readonly leaves: readonly Leaf[]
  /** The library's own evaluation of the same condition: the oracle of the tests, the peer of the benchmark. */
  readonly byLibrary: Run<boolean>
  /** Readers of the names in the condition, for evidence. */
  readonly readers: ReadonlyMap<string, Run<Value>>
}

/** Compiles a checked condition. Always succeeds: what has no closure falls back to the library, and says so. */
export function compileCondition(expression: Expression, vocabulary: Vocabulary): Condition {
  const readers = new Map<string, Run<Value>>()
  for (const name of expression.names) {
    const reader = reads(name, vocabulary)
    if (reader !== undefined) readers.set(name, reader.run)
  }
  const compiled = compile(expression.ast, vocabulary)
  const leaves: Leaf[] = []
  const byLibrary = libraryRun(expression, readers)
  const told = {
    gate: gateOf(expression.ast, vocabulary),
    canHold: (lists: Lists) => canHold(expression.ast, lists),
    byLibrary,
    readers,
  }
  if (compiled?.type === 'bool') {
    collectLeaves(expression.ast, vocabulary, leaves)
    return { test: compiled.run, closures: true, leaves, ...told }
  }
  const whole = { text: expression.source, names: expression.names, test: byLibrary }
  return { test: byLibrary, closures: false, leaves: [whole], ...told }
}

function libraryRun(expression: Expression, readers: ReadonlyMap<string, Run<Value>>): Run<boolean> {
  return frame => {
    const context: Record<string, Record<string, Value>> = {
      origin: {},
      target: {},
      text: {},
      route: {},
      range: {},
      activity: {},
    }
    for (const [name, read] of readers) {
      const dot = name.indexOf('.')
      context[name.slice(0, dot)]![name.slice(dot + 1)] = read(frame)
    }
    try {
      return expression.evaluate(context, frame.lists) === true
    } catch {
      // An index beyond a list, a text that is no number: errors in CEL, and no match. A rule must not stop a partition.
      return false
    }
  }
}

function collectLeaves(node: ASTNode, vocabulary: Vocabulary, leaves: Leaf[]): void {
  if (node.op === '&&' || node.op === '||') {
    for (const side of node.args) collectLeaves(side, vocabulary, leaves)
    return
  }
  const compiled = compile(node, vocabulary)
  if (compiled?.type !== 'bool') return
  const names: string[] = []
  const visit = (inner: ASTNode): void => {
    const name = nameOf(inner)
    if (name !== undefined) names.push(name)
    else for (const child of childrenOf(inner)) visit(child)
  }
  visit(node)
  const bound = boundOf(node, vocabulary)
  leaves.push({
    text: serialize(node).replace(/(\d)\.0\b/g, '$1'),
    names,
    test: compiled.run,
    ...(bound === undefined ? {} : { bound }),
  })
}

function boundOf(node: ASTNode, vocabulary: Vocabulary): Leaf['bound'] {
  if (node.op !== '>=' && node.op !== '>' && node.op !== '<=' && node.op !== '<') return undefined
  const [left, right] = [compile(node.args[0], vocabulary), compile(node.args[1], vocabulary)]
  if (left?.type !== 'number' || right?.type !== 'number' || right.constant === undefined) return undefined
  return { value: left.run, limit: right.constant }
}

function reads(name: string, vocabulary: Vocabulary): Compiled | undefined {
  const dot = name.indexOf('.')
  const [owner, field] = [name.slice(0, dot), name.slice(dot + 1)]
  if (owner === 'origin' || owner === 'target') {
    const index = vocabulary.features.indexOf(field)
    return index < 0 ? undefined : { type: 'number', run: frame => frame.feature(index) }
  }
  if (owner === 'text') {
    const index = vocabulary.textFacts.indexOf(field)
    return index < 0 ? undefined : { type: 'number', run: frame => frame.text(index) }
  }
  if (owner === 'route' || owner === 'range') {
    const index = vocabulary.crowds.indexOf(field)
    return index < 0 ? undefined : { type: 'number', run: frame => frame.subject.crowd(owner, index) }
  }
  const fact = owner === 'activity' ? activityFacts[field] : undefined
  return fact === undefined ? undefined : ({ type: fact.type, run: fact.read } as Compiled)
}

function compile(node: ASTNode, vocabulary: Vocabulary): Compiled | undefined {
  switch (node.op) {
    case 'value':
      return literal(node.args)
    case '.': {
      const name = nameOf(node)
      return name === undefined ? undefined : reads(name, vocabulary)
    }
    case 'list':
      return literalList(node.args, vocabulary)
    case '!_': {
      const inner = compile(node.args, vocabulary)
      if (inner?.type !== 'bool') return undefined
      const run = inner.run
      return { type: 'bool', run: frame => !run(frame) }
    }
    case '-_': {
      const inner = compile(node.args, vocabulary)
      if (inner?.type !== 'number') return undefined
      const { run, constant } = inner
      if (constant !== undefined) return { type: 'number', constant: -constant, run: () => -constant }
      return { type: 'number', run: frame => -run(frame) }
    }
    case '&&':
    case '||':
      return logical(node.op, compile(node.args[0], vocabulary), compile(node.args[1], vocabulary))
    case '?:':
      return ternary(node.args.map(part => compile(part, vocabulary)))
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '==':
    case '!=':
      return comparison(node.op, compile(node.args[0], vocabulary), compile(node.args[1], vocabulary))
    case '+':
    case '-':
    case '*':
    case '/':
      return arithmetic(node.op, compile(node.args[0], vocabulary), compile(node.args[1], vocabulary))
    case 'in':
      return membership(compile(node.args[0], vocabulary), compile(node.args[1], vocabulary))
    case 'call':
      return call(node.args[0], node.args[1], vocabulary)
    case 'rcall':
      return method(node.args[0], compile(node.args[1], vocabulary), node.args[2], vocabulary)
    default:
      return undefined
  }
}

function literal(value: unknown): Compiled | undefined {
  if (typeof value === 'number') return { type: 'number', run: () => value, constant: value }
  if (typeof value === 'string') return { type: 'string', run: () => value, constant: value }
  if (typeof value === 'boolean') return { type: 'bool', run: () => value }
  return undefined
}

function literalList(items: readonly ASTNode[], vocabulary: Vocabulary): Compiled | undefined {
  const values: Value[] = []
  for (const item of items) {
    const compiled = compile(item, vocabulary)
    if (compiled === undefined || !('constant' in compiled) || compiled.constant === undefined) return undefined
    if (compiled.type === 'list') return undefined
    values.push(compiled.constant)
  }
  const strings = values.map(String)
  return { type: 'list', run: () => strings, constant: new Set(values) }
}

function logical(op: '&&' | '||', left: Compiled | undefined, right: Compiled | undefined): Compiled | undefined {
  if (left?.type !== 'bool' || right?.type !== 'bool') return undefined
  const [a, b] = [left.run, right.run]
  return op === '&&'
    ? { type: 'bool', run: frame => a(frame) && b(frame) }
    : { type: 'bool', run: frame => a(frame) || b(frame) }
}

function ternary([condition, yes, no]: readonly (Compiled | undefined)[]): Compiled | undefined {
  if (condition?.type !== 'bool' || yes === undefined || yes.type !== no?.type) return undefined
  const [test, a, b] = [condition.run, yes.run as Run<Value>, no.run as Run<Value>]
  return { type: yes.type, run: (frame: Frame) => (test(frame) ? a(frame) : b(frame)) } as Compiled
}

function comparison(op: string, left: Compiled | undefined, right: Compiled | undefined): Compiled | undefined {
  if (left === undefined || right === undefined) return undefined
  if (left.type === 'number' && right.type === 'number') {
    const run = right.constant === undefined ? numbers(op, left.run, right.run) : bound(op, left.run, right.constant)
    return { type: 'bool', run }
  }
  const comparable = left.type === right.type && left.type !== 'list'
  if (!comparable || (op !== '==' && op !== '!=')) return undefined
  const [a, b] = [left.run as Run<Value>, right.run as Run<Value>]
  return op === '=='
    ? { type: 'bool', run: frame => a(frame) === b(frame) }
    : { type: 'bool', run: frame => a(frame) !== b(frame) }
}

function bound(op: string, a: Run<number>, b: number): Run<boolean> {
  switch (op) {
    case '<':
      return frame => a(frame) < b
    case '<=':
      return frame => a(frame) <= b
    case '>':
      return frame => a(frame) > b
    case '>=':
      return frame => a(frame) >= b
    case '==':
      return frame => a(frame) === b
    default:
      return frame => a(frame) !== b
  }
}

function numbers(op: string, a: Run<number>, b: Run<number>): Run<boolean> {
  switch (op) {
    case '<':
      return frame => a(frame) < b(frame)
    case '<=':
      return frame => a(frame) <= b(frame)
    case '>':
      return frame => a(frame) > b(frame)
    case '>=':
      return frame => a(frame) >= b(frame)
    case '==':
      return frame => a(frame) === b(frame)
    default:
      return frame => a(frame) !== b(frame)
  }
}

function arithmetic(op: string, left: Compiled | undefined, right: Compiled | undefined): Compiled | undefined {
  if (left?.type !== 'number' || right?.type !== 'number') return undefined
  const [a, b] = [left.run, right.run]
  switch (op) {
    case '+':
      return { type: 'number', run: frame => a(frame) + b(frame) }
    case '-':
      return { type: 'number', run: frame => a(frame) - b(frame) }
    case '*':
      return { type: 'number', run: frame => a(frame) * b(frame) }
    default:
      return { type: 'number', run: frame => a(frame) / b(frame) }
  }
}

function membership(left: Compiled | undefined, right: Compiled | undefined): Compiled | undefined {
  if (right?.type !== 'list' || (left?.type !== 'string' && left?.type !== 'number')) return undefined
  const item = left.run as Run<Value>
  const { constant, run } = right
  return constant === undefined
    ? { type: 'bool', run: frame => run(frame).includes(String(item(frame))) }
    : { type: 'bool', run: frame => constant.has(item(frame)) }
}

function call(name: string, args: readonly ASTNode[], vocabulary: Vocabulary): Compiled | undefined {
  if (name !== 'listed') return undefined
  const [list, value] = args.map(arg => compile(arg, vocabulary))
  if (list?.type !== 'string' || list.constant === undefined || value?.type !== 'string') return undefined
  const [listName, read] = [list.constant, value.run]
  return { type: 'bool', run: frame => frame.lists.has(listName, read(frame)) }
}

function method(
  name: string,
  receiver: Compiled | undefined,
  args: readonly ASTNode[],
  vocabulary: Vocabulary,
): Compiled | undefined {
  const argument = args.length === 1 ? compile(args[0]!, vocabulary) : undefined
  if (receiver?.type !== 'string' || argument?.type !== 'string') return undefined
  const [a, b] = [receiver.run, argument.run]
  switch (name) {
    case 'startsWith':
      return { type: 'bool', run: frame => a(frame).startsWith(b(frame)) }
    case 'endsWith':
      return { type: 'bool', run: frame => a(frame).endsWith(b(frame)) }
    case 'contains':
      return { type: 'bool', run: frame => a(frame).includes(b(frame)) }
    default:
      return undefined
  }
}
