import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Activity } from '../../../engine/activity/index.ts'
import { textFactNames } from '../../../engine/content/index.ts'
import { type ActivityFacts, catalogue, crowdNames, noFacts } from '../../../engine/features/index.ts'
import type { Subject, Vocabulary } from '../../../engine/rules/index.ts'

/** Folder of the pack that ships. */
export const defaultPack = fileURLToPath(new URL('../../../../engine/packs/default', import.meta.url))

/** The engine's own names: a pack that uses another must not pass here either. */
export const vocabulary: Vocabulary = {
  features: catalogue.map(feature => feature.name),
  textFacts: textFactNames,
  crowds: crowdNames,
}

/** An activity, `call.attempt` of one stranger to another unless told otherwise. */
export function activity(fields: Partial<Activity> & Record<string, unknown> = {}): Activity {
  return {
    id: 'a1',
    role: 'origin',
    kind: 'call.attempt',
    time: 1_764_000_000_000,
    from: { party: '+33612345678' },
    to: { party: '+33187654321' },
    route: { tap: 'hep' },
    ...fields,
  } as Activity
}

/** A subject with the features and text facts that are named; all others are 0. */
export function subject(
  features: Readonly<Record<string, number>> = {},
  record: Activity = activity(),
  text: Readonly<Record<string, number>> = {},
  facts: ActivityFacts = noFacts,
  crowds: Readonly<Record<string, number>> = {},
): Subject {
  for (const name of Object.keys(features)) {
    if (!vocabulary.features.includes(name)) throw new Error(`no feature ${name}`)
  }
  return {
    activity: record,
    feature: index => features[vocabulary.features[index] ?? ''] ?? 0,
    crowd: (owner, index) => crowds[`${owner}.${crowdNames[index]}`] ?? 0,
    text: index => text[vocabulary.textFacts[index] ?? ''] ?? 0,
    facts,
  }
}

const made: string[] = []
process.once('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/** Writes a pack folder into a temporary directory: path inside it → text. */
export function packFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-pack-'))
  made.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
