import { addIntervals, scaled, wilson } from '../estimate.ts'
import type { Amount, BySeverity, Study } from '../model.ts'
import { total } from '../money.ts'
import type { Overlap } from '../overlap.ts'

/** What spam did to subscribers: calls, minutes, people reached and complaints, of all operators. */
export function joinEffect(
  studies: readonly Study[],
  overlap: Overlap,
  keep: number,
  severities: BySeverity,
): Study['effect'] {
  const all = studies.map(study => study.effect)
  const add = (pick: (effect: Study['effect']) => number) => all.reduce((sum, each) => sum + pick(each), 0)
  const minutes = total(all.map(each => each.attentionMinutes))
  const times = (amount: Amount): Amount => ({
    low: amount.low * keep,
    mid: amount.mid * keep,
    high: amount.high * keep,
  })
  const bySource = new Map<string, number>()
  for (const { source, n } of all.flatMap(each => each.complaintsBySource))
    bySource.set(source, (bySource.get(source) ?? 0) + n)
  return {
    byAction: [0, ...severities.slice(1)] as unknown as BySeverity,
    calls: Math.round(add(each => each.calls) * keep),
    answered: Math.round(add(each => each.answered) * keep),
    talkMinutes: add(each => each.talkMinutes) * keep,
    attentionMinutes: times(minutes),
    reached: Math.round(overlap.reached?.value ?? add(each => each.reached)),
    complaints: add(each => each.complaints),
    complainants: add(each => each.complainants),
    complaintsBySource: [...bySource].map(([source, n]) => ({ source, n })).sort((a, b) => b.n - a.n),
  }
}

/** How good the verdicts are by the reviews of all operators together. */
export function joinQuality(studies: readonly Study[]): Study['quality'] {
  const all = studies.map(study => study.quality)
  const strata = all[0]!.strata.map(({ severity }) => {
    const add = (pick: 'events' | 'reviewed' | 'spam') =>
      all.reduce((sum, each) => sum + each.strata[severity]![pick], 0)
    const [events, reviewed, spam] = [add('events'), add('reviewed'), add('spam')]
    return { severity, events, reviewed, spam, ...(reviewed === 0 ? {} : { share: wilson(spam, reviewed, events) }) }
  })
  const falseBlocks = all.flatMap(each => (each.falseBlocks === undefined ? [] : [each.falseBlocks]))
  // Precision and recall by weight of what each operator found.
  const weighted = (field: 'precision' | 'recall') => {
    const known = studies.filter(study => study.quality[field] !== undefined)
    const weight = known.reduce((sum, study) => sum + study.volume.spam, 0)
    if (known.length < studies.length || weight === 0) return {}
    return { [field]: addIntervals(known.map(study => scaled(study.quality[field]!, study.volume.spam / weight))) }
  }
  return {
    strata,
    ...weighted('precision'),
    ...weighted('recall'),
    ...(falseBlocks.length === 0 ? {} : { falseBlocks: addIntervals(falseBlocks) }),
    appeals: all.reduce((sum, each) => sum + each.appeals, 0),
    upheld: all.reduce((sum, each) => sum + each.upheld, 0),
    sampleSize: all.reduce((sum, each) => sum + each.sampleSize, 0),
  }
}

/** Spam by each legal definition, less what two operators saw (`keep`). */
export function joinDefinitions(studies: readonly Study[], keep: number, events: number): Study['definitions'] {
  return studies[0]!.definitions.map(profile => {
    const found = studies.flatMap(study => study.definitions.filter(({ name }) => name === profile.name))
    const add = (pick: (each: typeof profile) => number) =>
      Math.round(found.reduce((sum, each) => sum + pick(each), 0) * keep)
    const spam = add(each => each.spam)
    return {
      ...profile,
      spam,
      share: events === 0 ? 0 : spam / events,
      left: {
        impersonal: add(each => each.left.impersonal),
        single: add(each => each.left.single),
        'not-commercial': add(each => each.left['not-commercial']),
        'nobody-objected': add(each => each.left['nobody-objected']),
      },
    }
  })
}
