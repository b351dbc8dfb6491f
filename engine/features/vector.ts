import { idOf } from '../hash/index.ts'
import { catalogue } from './catalogue.ts'
import type { PartyRow } from './row.ts'

/** What a model sees of a party: every feature of the catalogue, in its order, as it is; scaling is the model's own. */
export const vectorNames: readonly string[] = catalogue.map(feature => feature.name)

/**
 * Names the meaning of the vector: the hash of each place's name, unit, window and computation. A model trained on another
 * is refused when it loads.
 */
export const schemaHash: string = idOf(
  ...catalogue.map(({ name, unit, window, computed }) => `${name}|${unit}|${window ?? ''}|${computed}`),
)

/** Writes the vector of the row, read at the moment it is positioned at, into `out` from `offset`; `vectorNames.length` floats. */
export function vectorOf(row: PartyRow, out: Float32Array, offset = 0): void {
  for (let i = 0; i < catalogue.length; i++) out[offset + i] = catalogue[i]!.read(row)
}
