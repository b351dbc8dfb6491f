import type { ASTNode } from '@marcbachmann/cel-js'
import type { Lists } from '../lists/index.ts'
import { nameOf } from './expression.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A number that a condition cannot hold below: `number >= least`. */
export interface Gate {
  /** Place among the vocabulary's numbers: its features, then its facts of texts. */
  readonly number: number
  readonly least: number
}

/**
 * The gate of a condition, if it has one: of `a && b` that of either side, of `a || b` one that both sides share. Most rules
 * begin with "at least so many", and most parties do nothing much: one look at a count passes over every rule that wants
 * more of it.
 */
export function gateOf(node: ASTNode, vocabulary: Vocabulary): Gate | undefined {
  switch (node.op) {
    case '&&':
      return gateOf(node.args[0], vocabulary) ?? gateOf(node.args[1], vocabulary)
    case '||': {
      const left = gateOf(node.args[0], vocabulary)
      const right = gateOf(node.args[1], vocabulary)
      if (left === undefined || right === undefined || left.number !== right.number) return undefined
      return { number: left.number, least: Math.min(left.least, right.least) }
    }
    case '>=':
    case '>': {
      const [side, bound] = node.args
      const name = nameOf(side)
      if (name === undefined || bound.op !== 'value' || typeof bound.args !== 'number') return undefined
      const number = numberOf(name, vocabulary)
      // A text has no links nearly always: there `> 0` has to be a gate, and `>= 0` is none.
      const least = node.op === '>' && bound.args === 0 ? Number.MIN_VALUE : bound.args
      return number < 0 ? undefined : { number, least }
    }
    default:
      return undefined
  }
}

/** Place among the vocabulary's numbers, -1 for what is none of them. */
function numberOf(name: string, { features, textFacts }: Vocabulary): number {
  const dot = name.indexOf('.')
  const [owner, field] = [name.slice(0, dot), name.slice(dot + 1)]
  if (owner === 'origin' || owner === 'target') return features.indexOf(field)
  const fact = owner === 'text' ? textFacts.indexOf(field) : -1
  return fact < 0 ? -1 : features.length + fact
}

/**
 * Whether a condition can hold with these lists at all: most lists of the default pack wait for an operator's entries, and
 * a rule that asks an empty one for its first term is passed over at every record.
 */
export function canHold(node: ASTNode, lists: Lists): boolean {
  switch (node.op) {
    case '&&':
      return canHold(node.args[0], lists) && canHold(node.args[1], lists)
    case '||':
      return canHold(node.args[0], lists) || canHold(node.args[1], lists)
    case 'call': {
      const [name, [list]] = node.args
      if (name !== 'listed' || list?.op !== 'value' || typeof list.args !== 'string') return true
      return lists.sets(list.args).some(({ size }) => size > 0)
    }
    default:
      return true
  }
}
