import type { Duck } from '../archive/index.ts'
import type { Definitions, Nature, Profile } from './jurisdiction.ts'
import type { ProfileCount } from './model.ts'

interface Group {
  readonly category: string
  /** Part of a campaign that reached many. */
  readonly many: boolean
  /** A recipient had objected to its sender before. */
  readonly objected: boolean
  readonly n: number
}

type Reason = keyof ProfileCount['left']

/** Counts what was found under each definition. */
export async function countDefinitions(duck: Duck, definitions: Definitions, events: number): Promise<ProfileCount[]> {
  const groups = await duck.rows<Group>(
    'SELECT category, many, objected, sum(n) AS n FROM natures GROUP BY ALL ORDER BY category, many, objected',
  )
  return definitions.profiles.map(profile => countProfile(profile, groups, definitions, events))
}

function countProfile(
  profile: Profile,
  groups: readonly Group[],
  { natures }: Definitions,
  events: number,
): ProfileCount {
  const left: Record<Reason, number> = { impersonal: 0, single: 0, 'not-commercial': 0, 'nobody-objected': 0 }
  let spam = 0
  for (const group of groups) {
    const reason = reasonLeftOut(profile, group, natures[group.category])
    if (reason === undefined) spam += group.n
    else left[reason] += group.n
  }
  return { name: profile.name, says: profile.says, spam, share: events === 0 ? 0 : spam / events, left }
}

/** The first criterion that a group of events fails; undefined when it is spam by this definition. */
function reasonLeftOut(profile: Profile, group: Group, nature: Nature = {}): Reason | undefined {
  const { personal = true, bulk = false, commercial = false, deceptive = false } = nature
  const asksForMore = profile.bulk || profile.commercial || profile.consent !== 'none'
  if (asksForMore && !personal) return 'impersonal'
  if (deceptive && profile.deceptive === 'counts') return undefined
  if (profile.bulk && !bulk && !group.many) return 'single'
  if (profile.commercial && !commercial) return 'not-commercial'
  if (profile.consent === 'opt-out' && !group.objected) return 'nobody-objected'
  return undefined
}
