import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { Tensorflow } from '../backend/index.ts'
import { normal, type Random } from '../training/index.ts'

/** Several small networks on the same inputs, their logits averaged: each sees other initial weights and another order. */
export interface Network {
  readonly inputs: number
  readonly hidden: readonly [number, number]
  readonly members: readonly Member[]
}

/** inputs → hidden[0] → hidden[1] → 1, ReLU between; matrices row-major. */
export interface Member {
  readonly first: Float32Array
  readonly firstBias: Float32Array
  readonly second: Float32Array
  readonly secondBias: Float32Array
  readonly last: Float32Array
  readonly lastBias: Float32Array
}

export const PARTS = [
  'first',
  'firstBias',
  'second',
  'secondBias',
  'last',
  'lastBias',
] as const satisfies (keyof Member)[]

/** Shape of each part, in the order of PARTS. */
export function shapesOf(inputs: number, hidden: readonly [number, number]): [number, number][] {
  const [a, b] = hidden
  return [
    [inputs, a],
    [1, a],
    [a, b],
    [1, b],
    [b, 1],
    [1, 1],
  ]
}

export function initialMember(inputs: number, hidden: readonly [number, number], random: Random): Member {
  const parts = shapesOf(inputs, hidden).map(([rows, columns], i) =>
    i % 2 === 1
      ? new Float32Array(columns)
      : Float32Array.from({ length: rows * columns }, () => normal(random) * Math.sqrt(2 / rows)),
  )
  return Object.fromEntries(PARTS.map((part, i) => [part, parts[i]!])) as unknown as Member
}

/** The parts of a member as tensors, in the order of PARTS; the caller disposes of them. */
export function memberTensors(
  tf: Tensorflow,
  member: Member,
  inputs: number,
  hidden: readonly [number, number],
): Tensor2D[] {
  const shapes = shapesOf(inputs, hidden)
  return PARTS.map((part, i) => tf.tensor2d(member[part], shapes[i]!))
}

/** Logits [rows, 1] of one member; `mask` thins the first hidden layer while training. */
export function memberLogits(tf: Tensorflow, parts: readonly Tensor2D[], inputs: Tensor2D, mask?: Tensor2D): Tensor2D {
  const [first, firstBias, second, secondBias, last, lastBias] = parts
  const a = tf.relu(tf.add(tf.matMul(inputs, first!), firstBias!)) as Tensor2D
  const thinned = mask === undefined ? a : (tf.mul(a, mask) as Tensor2D)
  const b = tf.relu(tf.add(tf.matMul(thinned, second!), secondBias!)) as Tensor2D
  return tf.add(tf.matMul(b, last!), lastBias!) as Tensor2D
}
