import type { Activity, Reason } from '../../engine/activity/index.ts'
import type { Explanation } from '../../engine/partition/index.ts'
import type { RuleExplanation } from '../../engine/rules/index.ts'

export interface Explained {
  readonly activity: Activity
  readonly explanation: Explanation
}

const WORDS = {
  en: {
    counted: 'Counted',
    shadow: 'Shadow, without effect',
    missed: 'Did not fire',
    exempt: 'Exempt by the list',
    held: 'earlier',
    is: 'is',
    from: 'from',
    to: 'to',
    features: 'What is known of the party',
  },
  fr: {
    counted: 'A compté',
    shadow: 'À blanc, sans effet',
    missed: "Ne s'est pas déclenché",
    exempt: 'Exempté par la liste',
    held: 'antérieur',
    is: 'vaut',
    from: 'de',
    to: 'vers',
    features: 'Ce que l’on sait du correspondant',
  },
} as const

type Words = (typeof WORDS)[keyof typeof WORDS]

/** An explanation for reading: what counted, what a shadow rule would have added, and by how much the others missed. */
export function explanationText({ activity, explanation }: Explained, language: 'en' | 'fr'): string {
  const words = WORDS[language]
  const { standing, rules, exempt, features } = explanation
  const target = standing.target === undefined ? '' : ` ${words.to} ${standing.target}`
  const lines = [
    `${standing.action.toUpperCase()}  ${standing.score}${standing.category === undefined ? '' : `  ${standing.category}`}`,
    `${new Date(activity.time).toISOString()}  ${activity.kind} ${words.from} ${standing.party}${target}  (${activity.role})`,
    `verdict ${standing.id}, pack ${standing.pack}`,
  ]
  if (exempt !== undefined) lines.push('', `${words.exempt}: ${exempt}`)
  lines.push(
    ...reasonLines(
      words.counted,
      standing.reasons.filter(reason => reason.state === 'enforce'),
      language,
      words,
    ),
  )
  lines.push(
    ...reasonLines(
      words.shadow,
      standing.reasons.filter(reason => reason.state === 'shadow'),
      language,
      words,
    ),
  )
  const missed = rules.filter(rule => !rule.matched)
  if (missed.length > 0) lines.push('', `${words.missed}:`, ...missed.map(rule => missedLine(rule, words)))
  const known = Object.entries(features).map(([name, value]) => `${name}=${value}`)
  if (known.length > 0) lines.push('', `${words.features}:`, `  ${known.join('  ')}`)
  return lines.join('\n')
}

function reasonLines(title: string, reasons: readonly Reason[], language: 'en' | 'fr', words: Words): string[] {
  if (reasons.length === 0) return []
  return [
    '',
    `${title}:`,
    ...reasons.map(({ score, symbol, says, evidence, held }) => {
      const facts = Object.entries(evidence).map(([name, value]) => `${name}=${value}`)
      return `  ${score.toFixed(1).padStart(5)}  ${symbol}${held === true ? ` (${words.held})` : ''}  ${says[language]}  ${facts.join(' ')}`
    }),
  ]
}

/** The terms that did not hold, with what they found. */
function missedLine({ rule, terms }: RuleExplanation, words: Words): string {
  const failed = terms.filter(term => !term.holds)
  const text = failed.map(({ text, values }) => `${text} (${words.is} ${Object.values(values).join(', ')})`)
  return `  ${rule.symbol}: ${text.join('; ')}`
}
