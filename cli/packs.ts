import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { textFactNames } from '../engine/content/index.ts'
import { RingfenceError } from '../engine/errors/index.ts'
import { catalogue, crowdNames } from '../engine/features/index.ts'
import type { Vocabulary } from '../engine/rules/index.ts'
import { packageRoot } from './version.ts'

/** The names that rules may use: the feature catalogue and the facts of a text. */
export const vocabulary: Vocabulary = {
  features: catalogue.map(feature => feature.name),
  textFacts: textFactNames,
  crowds: crowdNames,
}

/** The pack that ships. */
export const defaultPack = join(packageRoot, 'engine', 'packs', 'default')

/**
 * Pack folders in order: the default pack, then the given ones.
 * @throws RingfenceError PACK_INVALID when one does not exist
 */
export function packFolders(extra: readonly string[]): readonly string[] {
  const folders = extra.map(folder => (isAbsolute(folder) ? folder : join(process.cwd(), folder)))
  const missing = folders.find(folder => !existsSync(folder))
  if (missing !== undefined)
    throw new RingfenceError('PACK_INVALID', `pack folder ${missing} does not exist`, {
      hint: 'engine.packs and --packs name folders that hold a pack.yaml',
    })
  return [defaultPack, ...folders]
}
