import { Feedback, jsonCodec } from '../../engine/activity/index.ts'
import { RingfenceError } from '../../engine/errors/index.ts'
import { groupOf, type TextRow, textRow } from './corpus.ts'
import { readInput } from './read-input.ts'

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

interface Campaign {
  readonly text: string
  /** Who said what, each reporter once, the first word counting. */
  readonly said: Map<string, Feedback>
  /** Voices on each side. */
  readonly voices: { spam: number; ham: number }
}

/**
 * Labels out of reports, guarded against poisoning. Copies of one template (a campaign) become one row, so a campaign moves
 * a model as much as one text does; a reporter counts once for each campaign, and with at most 20 of them, by the trust that
 * agreement with others has earned; a label needs several people or an analyst; a text reported both ways needs twice the
 * opinion on one side; and all that is learnt so is at most a tenth of `trained`, the number of rows that training has
 * anyway. Order: most believed first.
 */
export function feedbackRows(feedback: readonly Feedback[], trained: number): FeedbackRows {
  const dropped = { 'no text': 0, 'reporter limit': 0, 'not enough': 0, disputed: 0, 'share limit': 0 }
  const campaigns = campaignsOf(feedback, dropped)
  const trust = reporterTrust(campaigns)
  const labelled: { row: TextRow; belief: number; reports: number }[] = []
  for (const campaign of campaigns) {
    const { text, said } = campaign
    const opinion = { spam: 0, ham: 0 }
    for (const [reporter, report] of said)
      opinion[report.opinion] += SOURCE_TRUST[report.source] * trust(reporter, campaign)
    const strong = Math.max(opinion.spam, opinion.ham)
    if (strong < ENOUGH) dropped['not enough'] += said.size
    else if (strong < 2 * Math.min(opinion.spam, opinion.ham)) dropped.disputed += said.size
    else {
      const row = textRow('feedback', text, opinion.spam > opinion.ham ? 1 : 0, 'feedback')
      labelled.push({ row, belief: strong, reports: said.size })
    }
  }
  labelled.sort((a, b) => b.belief - a.belief)
  const limit = Math.floor(trained * SHARE_LIMIT)
  for (const { reports } of labelled.slice(limit)) dropped['share limit'] += reports
  return { rows: labelled.slice(0, limit).map(({ row }) => row), dropped }
}

/** Reports by template, within the limit of each reporter. */
function campaignsOf(feedback: readonly Feedback[], dropped: Record<'no text' | 'reporter limit', number>): Campaign[] {
  const campaigns = new Map<number, Campaign>()
  const reached = new Map<string, number>()
  for (const report of [...feedback].sort((a, b) => a.time - b.time)) {
    if (report.text === undefined || report.text.trim() === '') {
      dropped['no text']++
      continue
    }
    const group = groupOf(report.text)
    const campaign = campaigns.get(group) ?? {
      text: report.text,
      said: new Map<string, Feedback>(),
      voices: { spam: 0, ham: 0 },
    }
    // Reports without a reporter count as one person's of their source.
    const reporter = report.reporter ?? `anonymous ${report.source}`
    if (campaign.said.has(reporter)) continue
    const count = reached.get(reporter) ?? 0
    if (count >= REPORTER_LIMIT && report.source !== 'analyst') {
      dropped['reporter limit']++
      continue
    }
    reached.set(reporter, count + 1)
    campaign.said.set(reporter, report)
    campaign.voices[report.opinion] += voiceOf(report)
    campaigns.set(group, campaign)
  }
  return [...campaigns.values()]
}

/** Whether the others agree with a reporter about a campaign; undefined where they are too few or divided. */
function borneOut(campaign: Campaign, reporter: string): boolean | undefined {
  const own = campaign.said.get(reporter)!
  const others = { spam: campaign.voices.spam, ham: campaign.voices.ham }
  others[own.opinion] -= voiceOf(own)
  if (Math.max(others.spam, others.ham) < 2 || others.spam === others.ham) return undefined
  return (others.spam > others.ham ? 'spam' : 'ham') === own.opinion
}

/** An analyst's word is worth two. */
function voiceOf({ source }: Feedback): number {
  return source === 'analyst' ? 2 : 1
}

/**
 * How far a reporter is to be believed about a campaign, by what became of the others he spoke of: 1 for who never spoke
 * against everybody else, less for each time he did. The mean of a beta distribution with a strong belief in honesty (4 : 0),
 * twice what lies over one half: who is wrong as often as right counts for nothing.
 */
function reporterTrust(campaigns: readonly Campaign[]): (reporter: string, about: Campaign) => number {
  const records = new Map<string, { right: number; wrong: number }>()
  for (const campaign of campaigns) {
    for (const reporter of campaign.said.keys()) {
      const right = borneOut(campaign, reporter)
      if (right === undefined) continue
      const record = records.get(reporter) ?? { right: 0, wrong: 0 }
      if (right) record.right++
      else record.wrong++
      records.set(reporter, record)
    }
  }
  return (reporter, about) => {
    const known = records.get(reporter) ?? { right: 0, wrong: 0 }
    const here = borneOut(about, reporter)
    const right = known.right - (here === true ? 1 : 0)
    const wrong = known.wrong - (here === false ? 1 : 0)
    return Math.max(0, (2 * (right + 4)) / (right + wrong + 4) - 1)
  }
}

/**
 * Reads feedback records, one JSON object a line, as the feedback topic holds them.
 * @throws RingfenceError INPUT_UNREADABLE, INPUT_INVALID with file and line
 */
export function readFeedback(path: string): Feedback[] {
  const hint = 'give feedback records, one JSON object a line, as the topic ringfence.feedback holds them'
  return readInput(path, hint)
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '') return []
      const decoded = codec.decode(Buffer.from(line))
      if (decoded.ok) return [decoded.value]
      throw new RingfenceError('INPUT_INVALID', `${path}:${i + 1}: ${decoded.reason}`, {
        hint: 'a line is a feedback record: id, time, party, source, opinion, text',
      })
    })
}

const codec = jsonCodec(Feedback)
