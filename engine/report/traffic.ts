import type { Duck } from '../archive/index.ts'
import type { BySeverity } from './model.ts'
import type { Period } from './period.ts'
import { spamOf, sum, type Tally, tallies } from './readout.ts'

/** What all traffic was counted from: a verdict for each event, or the activity that the taps saw. */
export type Denominator = 'verdicts' | 'activity'

const DAY_MS = 86_400_000

/**
 * Where only what was found is judged (`engine.verdicts: found`), the rest of the traffic is counted from activity.
 */
export async function withUnjudged(
  duck: Duck,
  judged: BySeverity,
): Promise<{ counts: BySeverity; denominator: Denominator }> {
  if (judged[0] > 0) return { counts: judged, denominator: 'verdicts' }
  const [row] = await duck.rows<{ n: number | null }>(
    `SELECT sum(n) AS n FROM traffic WHERE kind IN ('call.attempt', 'message')`,
  )
  const found = spamOf(judged)
  const allowed = Math.max(0, (row?.n ?? 0) - found)
  return { counts: [allowed, judged[1], judged[2], judged[3], judged[4]], denominator: 'activity' }
}

/** E-mail, SMS, IP messages and calls: the kinds of spam that Resolution 52 names. */
const TYPE = `CASE WHEN kind <> 'message' THEN 'call' WHEN protocol = 'mail' THEN 'e-mail'
  WHEN protocol IN ('smpp', '') THEN 'sms' ELSE 'ip-message' END`

/** Traffic by type, and how much of each is spam. */
export async function typesOf(duck: Duck, denominator: Denominator): Promise<readonly Tally[]> {
  const found = await tallies(duck, 'effects', TYPE)
  const seen = await duck.rows<{ name: string; n: number }>(
    `SELECT ${TYPE} AS name, sum(n) AS n FROM traffic WHERE kind IN ('call.attempt', 'message') GROUP BY name`,
  )
  // Activity counts what was captured, twice where two taps saw it; verdicts count each event once. Where all events have
  // verdicts their total is kept and the messages are divided as activity says.
  const judged = denominator === 'verdicts' ? await tallies(duck, 'cells', `kind = 'message'`) : []
  const messages = sum(judged.find(({ name }) => name === 'true')?.counts ?? [])
  const calls = sum(judged.find(({ name }) => name === 'false')?.counts ?? [])
  const seenMessages = sum(seen.filter(({ name }) => name !== 'call').map(({ n }) => n))
  return (['call', 'sms', 'ip-message', 'e-mail'] as const).flatMap(name => {
    const [, ...counts] = found.find(tally => tally.name === name)?.counts ?? [0, 0, 0, 0, 0]
    const n = seen.find(each => each.name === name)?.n ?? 0
    const events =
      denominator === 'activity'
        ? n
        : name === 'call'
          ? calls
          : seenMessages === 0
            ? sum(counts)
            : Math.round((messages * n) / seenMessages)
    if (events === 0 && sum(counts) === 0) return []
    return [{ name, counts: [Math.max(0, events - sum(counts)), ...counts] as BySeverity }]
  })
}

/** Traffic and spam of each day of the period. */
export async function daysOf(duck: Duck, period: Period, denominator: Denominator) {
  const table =
    denominator === 'verdicts'
      ? 'cells'
      : `(SELECT day, severity, n FROM cells UNION ALL SELECT day, 0, n FROM traffic WHERE kind IN ('call.attempt', 'message'))`
  const rows = await tallies(duck, table, 'day')
  const byDay = new Map(rows.map(({ name, counts }) => [Number(name), counts]))
  return period.days.map(day => {
    const counts = byDay.get(Date.parse(day) / DAY_MS) ?? [0, 0, 0, 0, 0]
    const events = denominator === 'verdicts' ? sum(counts) : counts[0]
    return { day, events, spam: spamOf(counts) }
  })
}
