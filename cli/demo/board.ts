import { type Action, severityOf, type Verdict } from '../../engine/activity/index.ts'

/** What the live table knows of one party: its acts so far and the worst verdict. */
export interface BoardRow {
  readonly party: string
  calls: number
  messages: number
  probes: number
  timeMs: number
  score: number
  action: Action
  why: string
}

export interface Board {
  /** Takes in a verdict; gives the row when the party's action has just become more severe. */
  add(verdict: Verdict): BoardRow | undefined
  /** Rows at `flag` or worse, worst first. */
  rows(): BoardRow[]
  readonly parties: number
  readonly verdicts: number
}

export function createBoard(language: 'en' | 'fr'): Board {
  const rows = new Map<string, BoardRow>()
  let verdicts = 0
  return {
    add(verdict) {
      verdicts++
      const row = rows.get(verdict.party) ?? blank(verdict)
      rows.set(verdict.party, row)
      if (verdict.kind === 'call.attempt' && verdict.role === 'origin') row.calls++
      else if (verdict.kind === 'message' && verdict.role === 'origin') row.messages++
      else if (verdict.kind === 'probe' || verdict.kind === 'registration') row.probes++
      // A verdict on the victim's side protects the victim; the origin's standing is judged on its own copy.
      if (verdict.role === 'target' || verdict.score < row.score) return undefined
      const worse = severityOf(verdict.action) > severityOf(row.action)
      row.timeMs = verdict.time
      row.score = verdict.score
      row.why = reasonsOf(verdict, language)
      if (!worse) return undefined
      row.action = verdict.action
      return row
    },
    rows: () =>
      [...rows.values()]
        .filter(row => row.action !== 'allow')
        .sort(
          (a, b) => severityOf(b.action) - severityOf(a.action) || b.score - a.score || (a.party < b.party ? -1 : 1),
        ),
    get parties() {
      return rows.size
    },
    get verdicts() {
      return verdicts
    },
  }
}

function blank(verdict: Verdict): BoardRow {
  return {
    party: verdict.party,
    calls: 0,
    messages: 0,
    probes: 0,
    timeMs: verdict.time,
    score: -Infinity,
    action: 'allow',
    why: '',
  }
}

/** The findings that counted, heaviest first, in words. */
export function reasonsOf(verdict: Pick<Verdict, 'reasons'>, language: 'en' | 'fr'): string {
  return verdict.reasons
    .filter(reason => reason.state === 'enforce' && reason.score > 0)
    .sort((a, b) => b.score - a.score)
    .map(reason => reason.says[language])
    .join('; ')
}

/** What a party did, in a few words: `34 calls, 2 messages`. */
export function deedsOf(row: Pick<BoardRow, 'calls' | 'messages' | 'probes'>, language: 'en' | 'fr'): string {
  const words = language === 'fr' ? ['appels', 'messages', 'sondages'] : ['calls', 'messages', 'probes']
  const deeds = [row.calls, row.messages, row.probes].map((n, i) => (n > 0 ? `${n} ${words[i]}` : ''))
  return deeds.filter(deed => deed !== '').join(', ')
}
