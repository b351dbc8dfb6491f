import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../activity/index.ts'
import { loadConfig } from '../config/index.ts'

const consents = ['none', 'opt-in', 'opt-out'] as const
const Bilingual = (description: string) => Type.Object({ en: Type.String(), fr: Type.String() }, { description })

/** `definitions.yaml` of a pack: what is called spam, each way. */
const definitionsSchema = Type.Object({
  natures: Type.Record(
    Type.String(),
    Type.Object({
      personal: Type.Optional(
        Type.Boolean({ description: 'addressed to people (assumed); false: an attack on the network' }),
      ),
      bulk: Type.Optional(Type.Boolean({ description: 'sent to many by its nature' })),
      commercial: Type.Optional(Type.Boolean({ description: 'sells something' })),
      deceptive: Type.Optional(Type.Boolean({ description: 'fraudulent: no consent can make it lawful' })),
    }),
    { default: {}, description: 'what a category of the pack is' },
  ),
  profiles: Type.Array(
    Type.Object({
      name: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
      says: Bilingual('one sentence'),
      bulk: Type.Boolean({ default: false, description: 'only what goes to many' }),
      commercial: Type.Boolean({ default: false, description: 'only what sells something' }),
      consent: closed(consents, 'whose word decides', 'none'),
      deceptive: closed(
        ['counts', 'like-others'],
        'fraud counts whatever else is asked, or is asked the same',
        'counts',
      ),
    }),
    { default: [] },
  ),
})

/** `jurisdiction.yaml` of a pack. Configuration, not legal advice: what an operator's counsel has approved goes here. */
const jurisdictionSchema = Type.Object({
  country: Type.String({ default: '', description: 'ISO 3166' }),
  labels: Bilingual('name of the jurisdiction'),
  language: closed(['en', 'fr'], 'language of reports', 'en'),
  timezone: Type.String({ default: 'UTC' }),
  definition: Type.String({ default: 'detected', description: 'profile that is the law’s' }),
  consent: Type.Object({
    calls: closed(consents, 'for commercial calls', 'none'),
    messages: closed(consents, 'for commercial messages', 'none'),
  }),
  hours: Type.Object({
    weekdays: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), {
      default: [1, 2, 3, 4, 5, 6, 7],
      description: 'days on which commercial calls are allowed, Monday is 1',
    }),
    ranges: Type.Array(Type.String({ pattern: '^\\d{2}:00-\\d{2}:00$' }), {
      default: ['00:00-24:00'],
      description: 'hours in which they are',
    }),
  }),
  content: closed(
    ['inspect', 'features-only', 'none'],
    'what taps may do with the content of messages at most',
    'inspect',
  ),
  retentionDays: Type.Integer({ default: 365, minimum: 1, maximum: 3650, description: 'days an archived day is kept' }),
  references: Type.Array(
    Type.Object({
      text: Type.String({ description: 'the law or decision' }),
      assumes: Bilingual('what this configuration takes from it'),
    }),
    { default: [] },
  ),
})

export type Definitions = Static<typeof definitionsSchema>
export type Profile = Definitions['profiles'][number]
export type Nature = Definitions['natures'][string]
export type Jurisdiction = Static<typeof jurisdictionSchema>

export interface Legal {
  readonly jurisdiction: Jurisdiction
  readonly definitions: Definitions
}

/**
 * What the packs say of law and definitions: of layered folders the last `jurisdiction.yaml` holds whole; definitions add
 * up, a profile or nature of the same name replaces the one below.
 * @throws RingfenceError CONFIG_INVALID with file and line
 */
export function readLegal(folders: readonly string[]): Legal {
  let jurisdiction: Jurisdiction | undefined
  const natures: Record<string, Nature> = {}
  const profiles = new Map<string, Profile>()
  for (const folder of folders) {
    const law = join(folder, 'jurisdiction.yaml')
    if (existsSync(law)) jurisdiction = loadConfig(jurisdictionSchema, { text: readFileSync(law, 'utf8'), file: law })
    const file = join(folder, 'definitions.yaml')
    if (!existsSync(file)) continue
    const definitions = loadConfig(definitionsSchema, { text: readFileSync(file, 'utf8'), file })
    Object.assign(natures, definitions.natures)
    for (const profile of definitions.profiles) profiles.set(profile.name, profile)
  }
  jurisdiction ??= loadConfig(jurisdictionSchema, {
    text: 'labels: { en: No jurisdiction configured, fr: Aucun ressort configuré }',
    file: 'jurisdiction.yaml',
  })
  return { jurisdiction, definitions: { natures, profiles: [...profiles.values()] } }
}
