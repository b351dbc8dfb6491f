import type { ProfileCount, Study } from '../model.ts'
import type { Speaker } from '../texts/index.ts'
import { digits, figures, heading, paragraph, type Section, table, words } from './blocks.ts'
import { volumeFigures } from './traffic.ts'

export function summarySection(s: Speaker, study: Study): Section {
  const { volume, effect, losses, currency } = study
  const stopped = effect.byAction[3] + effect.byAction[4]
  return {
    id: 'summary',
    title: s.say('summary'),
    blocks: [
      figures([
        ...volumeFigures(s, volume, s.short),
        {
          label: s.say('spamEstimate'),
          value: volume.estimate === undefined ? s.say('notMeasured') : s.short(volume.estimate.value),
          note: s.say('spamEstimateNote'),
        },
        {
          label: s.say('stopped'),
          value: s.percent(volume.spam === 0 ? 0 : stopped / volume.spam),
          note: s.say('ofSpamFound'),
        },
        { label: s.say('reachedCard'), value: s.short(effect.reached), note: s.say('inThePeriod') },
        {
          label: s.say('lossTotal'),
          value: s.money(losses.total.mid, currency),
          note: s.say('range', {
            low: s.money(losses.total.low, currency),
            high: s.money(losses.total.high, currency),
          }),
        },
      ]),
    ],
  }
}

export function methodSection(s: Speaker, { coverage, volume, period }: Study): Section {
  const { versions, missingDays } = coverage
  return {
    id: 'method',
    title: s.say('method'),
    blocks: [
      paragraph(s.say(coverage.denominator === 'verdicts' ? 'methodCensus' : 'methodActivity')),
      paragraph(s.say('methodOnce', { repeated: s.count(coverage.repeated) })),
      paragraph(s.say('methodSpam')),
      paragraph(s.say(volume.estimate === undefined ? 'methodNoReview' : 'methodInterval')),
      paragraph(
        s.say('methodPrivacy', {
          fingerprint: coverage.pseudonyms || s.say('none'),
          rotation: s.name('rotation', coverage.rotation),
        }),
      ),
      heading(s.say('coverage')),
      figures([
        {
          label: s.say('coverageDays'),
          value: s.say('of', {
            part: s.count(period.days - Math.min(period.days, missingDays.length)),
            whole: s.count(period.days),
          }),
        },
        { label: s.say('coverageRows'), value: s.count(coverage.rows) },
        ...(missingDays.length === 0
          ? []
          : [
              {
                label: s.say('coverageMissing'),
                value: s.count(missingDays.length),
                note: missingDays.slice(0, 6).join(', '),
              },
            ]),
      ]),
      ...(versions.length === 0
        ? []
        : [
            heading(s.say('versions')),
            table(versions.slice(0, 12), [
              words(s.say('pack'), ({ pack }) => pack),
              words(s.say('model'), ({ model }) => model || s.say('none')),
              digits(s.say('events'), ({ events }) => s.count(events)),
            ]),
          ]),
    ],
  }
}

export function definitionsSection(s: Speaker, { definitions, jurisdiction, volume }: Study): Section {
  const left = ({ left }: ProfileCount) => {
    const parts = Object.entries(left)
      .filter(([, n]) => n > 0)
      .map(([reason, n]) => s.say(`left.${reason as keyof ProfileCount['left']}`, { n: s.count(n) }))
    return parts.length === 0
      ? s.say('nothing')
      : parts.join('; ').replaceAll('; ', s.language === 'fr' ? '\u00a0; ' : '; ')
  }
  const { consent, content, retentionDays, references } = jurisdiction
  return {
    id: 'definitions',
    title: s.say('definitions'),
    blocks: [
      paragraph(s.say('definitionsIntro', { spam: s.count(volume.spam) })),
      table(definitions, [
        words(
          s.say('definition'),
          ({ says, name }) =>
            `${s.of(says)}${name === jurisdiction.definition ? ` (${s.say('definitionOfLaw')})` : ''}`,
        ),
        digits(s.say('counted'), ({ spam }) => s.count(spam)),
        digits(s.say('shareOfTraffic'), ({ share }) => s.percent(share, 3)),
        words(s.say('leftOut'), left),
      ]),
      heading(`${s.say('jurisdiction')} – ${s.of(jurisdiction.name)}`),
      paragraph(
        s.say('consentModel', {
          calls: s.name('consent', consent.calls),
          messages: s.name('consent', consent.messages),
          content: s.name('content', content),
          days: s.count(retentionDays),
        }),
      ),
      ...(references.length === 0
        ? []
        : [
            heading(s.say('references')),
            table(references, [
              words(s.say('reference'), ({ text }) => text),
              words(s.say('assumes'), ({ assumes }) => s.of(assumes)),
            ]),
          ]),
    ],
  }
}

export function comparisonSection(s: Speaker, { before, volume, categories, period }: Study): Section {
  const title = s.say('comparison')
  if (before === undefined)
    return { id: 'comparison', title, blocks: [paragraph(s.say('noComparison', { days: s.count(period.days) }))] }
  const change = (then: number, now: number) =>
    then === 0 ? '–' : `${now >= then ? '+' : '−'}${s.percent(Math.abs(now / then - 1))}`
  const row = (label: string, then: number, now: number, print: (value: number) => string) => ({
    label,
    before: print(then),
    now: print(now),
    change: change(then, now),
  })
  const nameOf = (name: string) => {
    const says = categories.find(category => category.name === name)?.says
    return says === undefined ? name || s.say('none') : s.of(says)
  }
  const names = [...new Set([...categories, ...before.categories].map(({ name }) => name))]
  const spam = (list: readonly { name: string; spam: number }[], name: string) =>
    list.find(each => each.name === name)?.spam ?? 0
  return {
    id: 'comparison',
    title,
    blocks: [
      paragraph(s.say('comparisonIntro', { from: s.date(before.from), to: s.date(dayBefore(before.to)) })),
      table(
        [
          row(s.say('events'), before.events, volume.events, s.count),
          row(s.say('spam'), before.spam, volume.spam, s.count),
          row(s.say('share'), before.share, volume.share, value => s.percent(value, 2)),
          ...names.map(name => row(nameOf(name), spam(before.categories, name), spam(categories, name), s.count)),
        ],
        [
          words('', ({ label }) => label),
          digits(s.say('before'), ({ before }) => before),
          digits(s.say('now'), ({ now }) => now),
          digits(s.say('change'), ({ change }) => change),
        ],
      ),
    ],
  }
}

/** Periods end before `to`; people read the last day. */
export function dayBefore(day: string): string {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10)
}

export function recommendationsSection(s: Speaker, { recommendations }: Study): Section {
  return {
    id: 'recommendations',
    title: s.say('recommendations'),
    blocks:
      recommendations.length === 0
        ? [paragraph(s.say('noRecommendations'))]
        : [
            paragraph(s.say('recommendationsIntro')),
            table(recommendations, [
              words(s.say('recommendation'), ({ says }) => s.of(says)),
              words(s.say('because'), ({ because }) => s.of(because)),
            ]),
          ],
  }
}

export function mergeSection(s: Speaker, { merged }: Study): Section | undefined {
  if (merged === undefined) return undefined
  const k = s.count(merged.suppressBelow)
  return {
    id: 'merge',
    title: s.say('merge'),
    blocks: [
      paragraph(s.say('mergeIntro')),
      paragraph(s.say(merged.deduplicated ? 'mergeDone' : 'mergeKeys')),
      table(merged.operators, [
        words(s.say('operator'), ({ name }) => name),
        digits(s.say('events'), ({ events }) => s.count(events)),
        digits(s.say('spam'), ({ spam }) => s.count(spam)),
      ]),
      figures([
        {
          label: s.say('overlapEvents'),
          value: merged.deduplicated ? s.interval(merged.overlapEvents) : s.say('notMeasured'),
        },
        {
          label: s.say('overlapSpam'),
          value: merged.deduplicated ? s.interval(merged.overlapSpam) : s.say('notMeasured'),
        },
        { label: s.say('suppressed', { k }), value: s.count(merged.suppressed) },
      ]),
    ],
  }
}
