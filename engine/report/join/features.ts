import type { Share, Study } from '../model.ts'
import type { OverlapDimension } from '../overlap.ts'
import type { JoinOptions } from './options.ts'
import { joinShares } from './shares.ts'

/** How the parts of this study add up their tables: with overlap, by operator, and with small cells folded. */
export interface Ways {
  readonly joined: (pick: (study: Study) => readonly Share[], dimension?: OverlapDimension) => readonly Share[]
  readonly prefixed: (pick: (study: Study) => readonly Share[]) => readonly Share[]
  readonly folded: <T extends Share>(rows: readonly T[]) => readonly T[]
  readonly spam: number
  readonly keep: number
}

/** Features of spam (of WTSA Resolution 52): routes, places, sources, hours, campaigns and languages of all operators. */
export function joinFeatures({ parts, overlap, inputs }: JoinOptions, ways: Ways): Study['features'] {
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
