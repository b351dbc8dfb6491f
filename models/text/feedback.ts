import type { Feedback } from '../../engine/activity/index.ts'
import { groupOf, type TextRow, textRow } from './corpus.ts'

/** How much a source is to be believed when nothing is known of the reporter. */
const SOURCE_TRUST: Readonly<Record<Feedback['source'], number>> = {
  analyst: 1,
  '607': 0.3,
  '608': 0.2,
  report: 0.4,
  'star-code': 0.4,
  arf: 0.4,
  appeal: 0.3,
}
/** Reports that one reporter may bring in, whatever they send. */
const REPORTER_LIMIT = 20
/** Believed opinion that a text needs before it is a label: one analyst, or three reports by three people. */
const ENOUGH = 0.9
/** Of the rows that training has without feedback, the share that feedback may add. */
const SHARE_LIMIT = 0.1

export interface FeedbackRows {
  readonly rows: readonly TextRow[]
  /** Reports left aside, by reason. */
  readonly dropped: Readonly<Record<'no text' | 'reporter limit' | 'not enough' | 'disputed' | 'share limit', number>>
}

/**
 * Labels out of reports, guarded against poisoning. Copies of one template (a campaign) become one row, so a campaign moves
 * a model as much as one text does; a reporter counts once for each campaign, and with at most 20 of them; a label needs
 * several people or an analyst; a text reported both ways needs twice the opinion on one side; and all that is learnt so is
 * at most a tenth of `trained`, the number of rows that training has anyway. Order: most believed first.
 */
export function feedbackRows(feedback: readonly Feedback[], trained: number): FeedbackRows {
  const dropped = { 'no text': 0, 'reporter limit': 0, 'not enough': 0, disputed: 0, 'share limit': 0 }
  const reporters = new Map<string, Set<number>>()
  const campaigns = new Map<number, { text: string; spam: number; ham: number; reports: number }>()
  for (const report of [...feedback].sort((a, b) => a.time - b.time)) {
    if (report.text === undefined || report.text.trim() === '') {
      dropped['no text']++
      continue
    }
    const group = groupOf(report.text)
    // Reports without a reporter count as one person's of their source.
    const reporter = report.reporter ?? `anonymous ${report.source}`
    const known = reporters.get(reporter) ?? new Set()
    reporters.set(reporter, known)
    if (known.has(group)) continue
    if (known.size >= REPORTER_LIMIT && report.source !== 'analyst') {
      dropped['reporter limit']++
      continue
    }
    known.add(group)
    const campaign = campaigns.get(group) ?? { text: report.text, spam: 0, ham: 0, reports: 0 }
    campaign[report.opinion] += SOURCE_TRUST[report.source]
    campaign.reports++
    campaigns.set(group, campaign)
  }
  const labelled: { row: TextRow; belief: number; reports: number }[] = []
  for (const { text, spam, ham, reports } of campaigns.values()) {
    const strong = Math.max(spam, ham)
    if (strong < ENOUGH) dropped['not enough'] += reports
    else if (strong < 2 * Math.min(spam, ham)) dropped.disputed += reports
    else labelled.push({ row: textRow('feedback', text, spam > ham ? 1 : 0, 'feedback'), belief: strong, reports })
  }
  labelled.sort((a, b) => b.belief - a.belief)
  const limit = Math.floor(trained * SHARE_LIMIT)
  for (const { reports } of labelled.slice(limit)) dropped['share limit'] += reports
  return { rows: labelled.slice(0, limit).map(({ row }) => row), dropped }
}
