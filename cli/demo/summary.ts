import type { Board } from './board.ts'
import type { Score } from './truth.ts'

/** What was found, held against the table of truth, in a few lines. */
export function describeScore(score: Score, board: Pick<Board, 'parties' | 'verdicts'>, language: 'en' | 'fr'): string {
  const fr = language === 'fr'
  const lines = [
    '',
    fr
      ? `${board.verdicts} verdicts sur ${board.parties} correspondants. Comparaison avec la vérité :`
      : `${board.verdicts} verdicts on ${board.parties} parties. Held against the table of truth:`,
  ]
  for (const { name, parties, flagged } of score.campaigns) {
    const mark = flagged === parties ? '✓' : '✗'
    lines.push(
      `  ${mark} ${name.padEnd(18)} ${fr ? `${flagged} sur ${parties} signalés` : `${flagged} of ${parties} flagged`}`,
    )
  }
  const wronged = score.falsePositives.length
  const list = wronged === 0 ? '' : `: ${score.falsePositives.join(', ')}`
  lines.push(
    fr
      ? `  ${wronged === 0 ? '✓' : '✗'} ${'ordinaires'.padEnd(18)} ${wronged} sur ${score.ordinary} signalés à tort${list}`
      : `  ${wronged === 0 ? '✓' : '✗'} ${'ordinary'.padEnd(18)} ${wronged} of ${score.ordinary} wrongly flagged${list}`,
  )
  return lines.join('\n')
}
