import type { ASTNode } from '@marcbachmann/cel-js'
import { nameOf } from './expression.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A number that a condition cannot hold below: `feature >= least`. */
export interface Gate {
  /** Place of the feature in the vocabulary. */
  readonly feature: number
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
      if (left === undefined || right === undefined || left.feature !== right.feature) return undefined
      return { feature: left.feature, least: Math.min(left.least, right.least) }
    }
    case '>=':
    case '>': {
      const [side, bound] = node.args
      const name = nameOf(side)
      if (name === undefined || bound.op !== 'value' || typeof bound.args !== 'number') return undefined
      const dot = name.indexOf('.')
      const owner = name.slice(0, dot)
      if (owner !== 'origin' && owner !== 'target') return undefined
      const feature = vocabulary.features.indexOf(name.slice(dot + 1))
      return feature < 0 ? undefined : { feature, least: bound.args }
    }
    default:
      return undefined
  }
}
