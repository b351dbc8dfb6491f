import { RingfenceError } from '../../engine/errors/index.ts'
import { type ModelHeader, readArtefact, readArtefactHeader } from '../training/index.ts'
import { type Encoding, widthOf } from './encoding.ts'
import { behaviourSchema, placesOf } from './inputs.ts'
import { type Member, type Network, PARTS, shapesOf } from './network.ts'

/** How sure the model may be of a party as young as this: 2 · AUC − 1 on held-out parties looked at by that age. */
export interface ConfidenceStep {
  readonly uptoDays: number
  readonly all: number
  readonly callsOnly: number
}

export interface BehaviourWeights {
  readonly header: ModelHeader
  readonly network: Network
  readonly encoding: Encoding
  readonly confidence: readonly ConfidenceStep[]
  /** Place of each input in the engine's vector. */
  readonly places: Int32Array
}

/** All members' parts, one after the other. */
export function encodeMembers(network: Network): Uint8Array {
  return Buffer.concat(
    network.members.flatMap(member =>
      PARTS.map(part => Buffer.from(member[part].buffer, member[part].byteOffset, member[part].byteLength)),
    ),
  )
}

/**
 * Reads the behaviour model of a file; throws MODEL_INVALID when the file is damaged, or when the engine computes one of the
 * model's features in another way than when it was trained.
 */
export function readBehaviourWeights(path: string): BehaviourWeights {
  const encoding = readArtefactHeader(path).trained.encoding as Encoding | undefined
  const { header, payload } = readArtefact(path, 'behaviour', behaviourSchema(encoding?.names ?? []))
  const { inputs = 0, first = 0, second = 0, members = 0 } = header.layout
  const hidden = [first, second] as const
  const shapes = shapesOf(inputs, hidden)
  const size = members * shapes.reduce((sum, [rows, columns]) => sum + rows * columns, 0)
  if (encoding === undefined || widthOf(encoding) !== inputs || payload.length !== 4 * size) {
    throw new RingfenceError(
      'MODEL_INVALID',
      `model file ${path} holds ${payload.length} bytes of weights, not ${4 * size}`,
    )
  }
  const bytes = Uint8Array.from(payload)
  let at = 0
  const read = (): Member =>
    Object.fromEntries(
      PARTS.map((part, i) => {
        const [rows, columns] = shapes[i]!
        const values = new Float32Array(bytes.buffer, at, rows * columns)
        at += 4 * rows * columns
        return [part, values]
      }),
    ) as unknown as Member
  return {
    header,
    network: { inputs, hidden, members: Array.from({ length: members }, read) },
    encoding,
    confidence: header.trained.confidence as ConfidenceStep[],
    places: placesOf(encoding.names, path),
  }
}
