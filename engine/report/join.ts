import { addIntervals, type Interval, scaled, sumOf, weeklyTrend, wilson } from './estimate.ts'
import type { Inputs } from './inputs.ts'
import { type Amount, type BySeverity, type Share, type Study, SUPPRESSED } from './model.ts'
import { total } from './money.ts'
import type { Overlap, OverlapDimension } from './overlap.ts'
import type { Part } from './part.ts'
import { spamOf, sum } from './readout.ts'

export interface JoinOptions {
  readonly parts: readonly Part[]
  readonly overlap: Overlap
  readonly shared: boolean
  readonly inputs: Inputs
  readonly software: string
}

const DAY_MS = 86_400_000
const DAYS_OF_MONTH = 365.25 / 12

/** One study out of several: sums, less what two operators saw, with small cells folded together. */
export function joinStudies(options: JoinOptions): Omit<Study, 'recommendations'> {
  const { parts, overlap, inputs, shared } = options
  const studies = parts.map(part => part.study)
  const first = studies[0]!
  const severities = counts(
    studies.map(study => study.volume.severities),
    overlap,
  )
  const events = sum(severities)
  const spam = spamOf(severities)
  const estimate = estimateOf(parts, overlap)
  const hidden = { cells: 0 }
  const folded = <T extends Share>(rows: readonly T[]): readonly T[] => fold(rows, inputs.report.suppressBelow, hidden)
  const joined = (pick: (study: Study) => readonly Share[], dimension?: OverlapDimension) =>
    folded(joinShares(studies.map(pick), spam, dimension && { overlap, dimension }))
  // What has no dimension of its own in the sample shrinks as all spam does.
  const spamSum = studies.reduce((all, study) => all + study.volume.spam, 0)
  const keep = spamSum === 0 ? 1 : spam / spamSum
  const subscribers = studies.reduce((all, study) => all + study.subscribers, 0)
  const monthly = (subscribers / 1000) * (first.period.days / DAYS_OF_MONTH)
  const byDay = joinDays(studies, overlap)
  const trend = weeklyTrend(byDay.map(day => (day.events === 0 ? 0 : (100 * day.spam) / day.events)))
  const prefixed = (pick: (study: Study) => readonly Share[]) =>
    folded(
      joinShares(
        studies.map(study => pick(study).map(row => ({ ...row, name: `${study.operators[0]}: ${row.name || '–'}` }))),
        spamSum,
      ).slice(0, 2 * inputs.report.top),
    )
  const result = {
    format: 1,
    software: options.software,
    operators: studies.map(study => study.operators[0] ?? ''),
    country: first.country,
    currency: first.currency,
    subscribers,
    period: first.period,
    jurisdiction: first.jurisdiction,
    coverage: joinCoverage(studies),
    volume: {
      events,
      spam,
      share: events === 0 ? 0 : spam / events,
      ...(estimate === undefined ? {} : { estimate, shareEstimate: scaled(estimate, events === 0 ? 0 : 1 / events) }),
      severities,
      ...(estimate === undefined || subscribers === 0
        ? {}
        : { perThousandSubscribersMonth: scaled(estimate, 1 / monthly) }),
      byDay,
      ...(trend === undefined ? {} : { trend }),
    },
    ...joinBefore(studies),
    types: joinTypes(studies, spam, keep),
    classes: joined(study => study.classes, 'class'),
    categories: joined(study => study.categories, 'category').map(share => {
      const says = studies.flatMap(study => study.categories).find(({ name }) => name === share.name)?.says
      return says === undefined ? share : { ...share, says }
    }),
    features: joinFeatures(options, { joined, prefixed, folded, spam, keep }),
    effect: joinEffect(studies, overlap, keep, severities),
    quality: joinQuality(studies),
    definitions: joinDefinitions(studies, keep, events),
    investment: {
      made: studies.flatMap(study => study.investment.made),
      planned: studies.flatMap(study => study.investment.planned),
      madeTotal: total(studies.map(study => study.investment.madeTotal)),
      plannedTotal: total(studies.map(study => study.investment.plannedTotal)),
    },
    cost: joinCost(studies),
    losses: joinLosses(studies),
    attention: first.attention,
  } satisfies Omit<Study, 'recommendations' | 'merged'>
  return {
    ...result,
    merged: {
      deduplicated: shared,
      reason: shared ? 'shared key' : 'no shared key',
      overlapEvents: overlap.events,
      overlapSpam: overlap.spam,
      suppressBelow: inputs.report.suppressBelow,
      suppressed: hidden.cells,
      operators: studies.map(study => ({
        name: study.operators[0] ?? '',
        events: study.volume.events,
        spam: study.volume.spam,
      })),
    },
  }
}

function counts(all: readonly BySeverity[], overlap: Overlap): BySeverity {
  const at = (s: number) => Math.max(0, Math.round(all.reduce((n, each) => n + each[s]!, 0) - overlap.severities[s]!))
  return [at(0), at(1), at(2), at(3), at(4)]
}

/** Each operator's reviews speak for its own events that are left; undefined where nobody reviewed. */
function estimateOf(parts: readonly Part[], overlap: Overlap): Interval | undefined {
  if (parts.every(({ study }) => study.volume.estimate === undefined)) return undefined
  const strata = parts.flatMap(({ study }, operator) =>
    study.quality.strata.map(({ severity, events, share }) => ({
      items: Math.max(0, events - (overlap.operators[operator]?.severities[severity] ?? 0)),
      share: share ?? (severity === 0 ? { value: 0, low: 0, high: 0 } : { value: 1, low: 0, high: 1 }),
    })),
  )
  const own = sumOf(strata)
  const off = { value: 0, low: overlap.spam.low - overlap.spam.value, high: overlap.spam.high - overlap.spam.value }
  return addIntervals([own, off])
}

/** Rows of one name added up, less what was seen twice. */
export function joinShares(
  tables: readonly (readonly Share[])[],
  spam: number,
  less?: { readonly overlap: Overlap; readonly dimension: OverlapDimension },
): readonly Share[] {
  const names = [...new Set(tables.flatMap(rows => rows.map(({ name }) => name)))]
  const rows = names.map(name => {
    const found = tables.flatMap(table => table.filter(row => row.name === name))
    const off = less?.overlap.taken(less.dimension, name) ?? { events: 0, spam: 0, blocked: 0 }
    const add = (pick: (row: Share) => number) => found.reduce((all, row) => all + pick(row), 0)
    const before = add(row => row.spam)
    const left = Math.max(0, Math.round(before - off.spam))
    const estimates = found.flatMap(({ estimate }) => (estimate === undefined ? [] : [estimate]))
    const part = before === 0 ? 1 : left / before
    return {
      name,
      events: Math.max(left, Math.round(add(row => row.events) - off.events)),
      spam: left,
      blocked: Math.max(0, Math.round(add(row => row.blocked) - off.blocked)),
      share: spam === 0 ? 0 : left / spam,
      ...(estimates.length === 0 ? {} : { estimate: scaled(addIntervals(estimates), part) }),
    }
  })
  return rows.sort((a, b) => b.spam - a.spam || (a.name < b.name ? -1 : 1))
}

/**
 * Folds rows of fewer than `k` events of spam into one. A single small row takes the next one with it: else it could be
 * worked out from the total.
 */
export function fold<T extends Share>(rows: readonly T[], k: number, hidden: { cells: number }): readonly T[] {
  const small = rows.filter(row => row.spam > 0 && row.spam < k)
  if (small.length === 0) return rows
  const shown = rows.filter(row => !small.includes(row))
  const next = small.length === 1 ? shown.filter(row => row.spam > 0).at(-1) : undefined
  const all = next === undefined ? small : [next, ...small]
  hidden.cells += all.length
  const add = (pick: (row: Share) => number) => all.reduce((sum, row) => sum + pick(row), 0)
  const rest = {
    ...all[0]!,
    name: SUPPRESSED,
    events: add(row => row.events),
    spam: add(row => row.spam),
    blocked: add(row => row.blocked),
    share: add(row => row.share),
    // Attributes of the row that happened to come first say nothing of the rest.
    ...('country' in all[0]! ? { country: '' } : {}),
    ...('place' in all[0]! ? { place: '' } : {}),
  }
  delete (rest as { estimate?: Interval }).estimate
  return [...shown.filter(row => row !== next), rest]
}

function joinDays(studies: readonly Study[], overlap: Overlap): Study['volume']['byDay'] {
  return studies[0]!.volume.byDay.map(({ day }, i) => {
    const off = overlap.taken('day', String(Date.parse(day) / DAY_MS))
    const add = (pick: 'events' | 'spam') =>
      studies.reduce((all, study) => all + (study.volume.byDay[i]?.[pick] ?? 0), 0)
    return {
      day,
      events: Math.max(0, Math.round(add('events') - off.events)),
      spam: Math.max(0, Math.round(add('spam') - off.spam)),
    }
  })
}

function joinTypes(studies: readonly Study[], spam: number, keep: number): readonly Share[] {
  return joinShares(
    studies.map(study =>
      study.types.map(row => ({
        ...row,
        spam: Math.round(row.spam * keep),
        ...(row.estimate === undefined ? {} : { estimate: scaled(row.estimate, keep) }),
      })),
    ),
    spam,
  )
}

function joinCoverage(studies: readonly Study[]): Study['coverage'] {
  const all = studies.map(study => study.coverage)
  const add = (pick: (coverage: Study['coverage']) => number) => all.reduce((sum, each) => sum + pick(each), 0)
  return {
    denominator: all.every(each => each.denominator === 'verdicts') ? 'verdicts' : 'activity',
    daysWithData: Math.min(...all.map(each => each.daysWithData)),
    missingDays: [...new Set(all.flatMap(each => each.missingDays))].sort(),
    files: add(each => each.files),
    rows: add(each => each.rows),
    repeated: add(each => each.repeated),
    versions: all.flatMap(each => each.versions),
    pseudonyms: all.every(each => each.pseudonyms === all[0]!.pseudonyms) ? all[0]!.pseudonyms : '',
    rotation: all[0]!.rotation,
  }
}

function joinBefore(studies: readonly Study[]): Pick<Study, 'before'> {
  const all = studies.flatMap(({ before }) => (before === undefined ? [] : [before]))
  if (all.length < studies.length) return {}
  const events = all.reduce((sum, each) => sum + each.events, 0)
  const spam = all.reduce((sum, each) => sum + each.spam, 0)
  const categories = joinShares(
    all.map(each => each.categories),
    spam,
  )
  const { from, to } = all[0]!
  return { before: { events, spam, share: events === 0 ? 0 : spam / events, from, to, categories } }
}

interface Ways {
  readonly joined: (pick: (study: Study) => readonly Share[], dimension?: OverlapDimension) => readonly Share[]
  readonly prefixed: (pick: (study: Study) => readonly Share[]) => readonly Share[]
  readonly folded: <T extends Share>(rows: readonly T[]) => readonly T[]
  readonly spam: number
  readonly keep: number
}

function joinFeatures({ parts, overlap, inputs }: JoinOptions, ways: Ways): Study['features'] {
  const all = parts.map(({ study }) => study.features)
  const { top } = inputs.report
  const attributes = <K extends 'ranges' | 'sources'>(list: K, name: string) =>
    all.flatMap(features => features[list] as readonly Study['features'][K][number][]).find(row => row.name === name)!
  const ranges = joinShares(
    all.map(each => each.ranges),
    ways.spam,
    { overlap, dimension: 'place' },
  ).slice(0, top)
  const sources = joinShares(
    all.map(each => each.sources),
    ways.spam,
    { overlap, dimension: 'party' },
  ).slice(0, top)
  const add = (pick: (features: Study['features']) => number) => all.reduce((sum, each) => sum + pick(each), 0)
  const campaigns = [...new Set(all.flatMap(each => each.campaigns.map(({ name }) => name)))].map(name => {
    const found = all.flatMap(each => each.campaigns.filter(campaign => campaign.name === name))
    return {
      name,
      category: found[0]!.category,
      spam: Math.round(found.reduce((sum, each) => sum + each.spam, 0)),
      targets: Math.max(...found.map(each => each.targets)),
      firstDay: found.map(each => each.firstDay).sort()[0]!,
    }
  })
  return {
    trunks: ways.prefixed(study => study.features.trunks),
    networks: ways.prefixed(study => study.features.networks),
    originCountries: ways.joined(study => study.features.originCountries, 'country'),
    targetCountries: ways.joined(study => study.features.targetCountries),
    ranges: ways.folded(
      ranges.map(row => {
        const { country, sources: count } = attributes('ranges', row.name)
        return { ...row, country, sources: count }
      }),
    ),
    sources: ways.folded(
      sources.map(row => {
        const { country, place } = attributes('sources', row.name)
        return { ...row, country, place }
      }),
    ),
    concentration: {
      sources: overlap.sources ?? add(each => each.concentration.sources),
      forHalf: add(each => each.concentration.forHalf),
      topTenShare: sources.slice(0, 10).reduce((sum, row) => sum + row.share, 0),
      topPercentShare: Math.max(...all.map(each => each.concentration.topPercentShare)),
    },
    hours: all[0]!.hours.map((row, day) =>
      row.map((_, hour) => Math.round(add(each => each.hours[day]![hour]!) * ways.keep)),
    ),
    outsideHours: {
      calls: Math.round(add(each => each.outsideHours.calls) * ways.keep),
      commercial: Math.round(add(each => each.outsideHours.commercial) * ways.keep),
    },
    campaigns: campaigns
      .filter(({ spam }) => spam >= inputs.report.suppressBelow)
      .sort((a, b) => b.spam - a.spam || (a.name < b.name ? -1 : 1))
      .slice(0, top),
    campaignTotal: campaigns.length,
    languages: ways.joined(study => study.features.languages),
  }
}

function joinEffect(
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

function joinQuality(studies: readonly Study[]): Study['quality'] {
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

function joinDefinitions(studies: readonly Study[], keep: number, events: number): Study['definitions'] {
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

function joinCost(studies: readonly Study[]): Study['cost'] {
  const all = studies.map(study => study.cost)
  const events = studies.reduce((sum, study) => sum + study.volume.events, 0)
  const mean = (pick: (cost: Study['cost']) => number) =>
    events === 0 ? 0 : studies.reduce((sum, study) => sum + pick(study.cost) * study.volume.events, 0) / events
  return {
    measured: all.some(each => each.measured),
    cpuSecondsPerMillion: mean(each => each.cpuSecondsPerMillion),
    rssBytes: all.reduce((sum, each) => sum + each.rssBytes, 0),
    storageBytesPerMillion: mean(each => each.storageBytesPerMillion),
    perMillion: {
      low: mean(each => each.perMillion.low),
      mid: mean(each => each.perMillion.mid),
      high: mean(each => each.perMillion.high),
    },
    perYear: total(all.map(each => each.perYear)),
    prices: all[0]!.prices,
  }
}

function joinLosses(studies: readonly Study[]): Study['losses'] {
  const lines = studies[0]!.losses.lines.map((line, i) => ({
    ...line,
    quantity: studies.reduce((sum, study) => sum + study.losses.lines[i]!.quantity, 0),
    ...total(studies.map(study => study.losses.lines[i]!)),
  }))
  return { lines, total: total(lines) }
}
