import { scaled, weeklyTrend } from '../estimate.ts'
import type { Share, Study } from '../model.ts'
import { total } from '../money.ts'
import type { OverlapDimension } from '../overlap.ts'
import { spamOf, sum } from '../readout.ts'
import { joinDefinitions, joinEffect, joinQuality } from './effect.ts'
import { joinFeatures } from './features.ts'
import { joinCost, joinLosses } from './money.ts'
import type { JoinOptions } from './options.ts'
import { fold, joinShares, joinTypes } from './shares.ts'
import { counts, estimateOf, joinBefore, joinCoverage, joinDays } from './volume.ts'

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
