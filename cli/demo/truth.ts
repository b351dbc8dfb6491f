import { readFileSync } from 'node:fs'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'

const EXPECTED = ['flag', 'allow', 'either'] as const
type Expected = (typeof EXPECTED)[number]

/** One party of the sample traffic and what is known about it. */
export interface TruthRow {
  readonly party: string
  /** `ordinary`, or the name of the campaign it belongs to. */
  readonly role: string
  readonly kind: string
  /** `either`: a name that an attacker gave itself and that nobody else has. */
  readonly expected: Expected
  readonly note: string
}

const COLUMNS = ['party', 'role', 'kind', 'expected', 'note'] as const

/**
 * Reads the table of truth beside the sample traffic: CSV with the columns party, role, kind, expected, note.
 * @throws RingfenceError INPUT_UNREADABLE, INPUT_INVALID naming line and column
 */
export function readTruth(file: string): TruthRow[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new RingfenceError('INPUT_UNREADABLE', `cannot read the table of truth: ${messageOf(error)}`, {
      cause: error,
    })
  }
  const [head, ...lines] = text.trim().split(/\r?\n/)
  const columns = head!.split(',')
  const missing = COLUMNS.find(column => !columns.includes(column))
  if (missing !== undefined) throw new RingfenceError('INPUT_INVALID', `${file}:1: column '${missing}' is missing`)
  return lines.map((line, i) => {
    const cells = line.split(',')
    const cell = (name: string) => cells[columns.indexOf(name)] ?? ''
    const expected = EXPECTED.find(each => each === cell('expected'))
    if (expected === undefined) {
      const message = `${file}:${i + 2}: expected is '${cell('expected')}', not ${EXPECTED.join(' or ')}`
      throw new RingfenceError('INPUT_INVALID', message)
    }
    return { party: cell('party'), role: cell('role'), kind: cell('kind'), expected, note: cell('note') }
  })
}

export interface Score {
  readonly campaigns: readonly { readonly name: string; readonly parties: number; readonly flagged: number }[]
  /** Ordinary parties that were flagged. */
  readonly falsePositives: readonly string[]
  readonly ordinary: number
  /** Every campaign has all its parties flagged, and no ordinary party is. */
  readonly perfect: boolean
}

/** Holds what was flagged against what is true. Parties that the table does not know count as ordinary. */
export function compareWithTruth(truth: readonly TruthRow[], flagged: ReadonlySet<string>): Score {
  const campaigns = new Map<string, { name: string; parties: number; flagged: number }>()
  const excused = new Set<string>()
  for (const row of truth) {
    if (row.expected !== 'allow') excused.add(row.party)
    if (row.expected !== 'flag') continue
    const campaign = campaigns.get(row.role) ?? { name: row.role, parties: 0, flagged: 0 }
    campaign.parties++
    if (flagged.has(row.party)) campaign.flagged++
    campaigns.set(row.role, campaign)
  }
  const falsePositives = [...flagged].filter(party => !excused.has(party)).sort()
  const list = [...campaigns.values()]
  return {
    campaigns: list,
    falsePositives,
    ordinary: truth.length - excused.size,
    perfect: falsePositives.length === 0 && list.every(campaign => campaign.flagged === campaign.parties),
  }
}
