import type { Activity } from '../activity/index.ts'
import { type Observation, vectorNames, vectorOf } from '../features/index.ts'
import type { Pack } from '../rules/index.ts'
import type { ScoreRequest, Scorer } from '../scorer/index.ts'

/** What a partition needs to know of the models before it asks them. */
export type Asked = Pick<Scorer, 'version' | 'accepts'>

export const NO_QUESTIONS: readonly ScoreRequest[] = []

const DAY_MS = 86_400_000
/** The behaviour model was trained on parties of a day and more; of a younger one it knows nothing. */
const LEAST_AGE_MS = DAY_MS
/**
 * A busy party is not asked about at every call: a month's habits do not change between two, and what was found is held for
 * hours. Once in eight keeps the thread's share below a tenth of a core at 7,000 activities a second.
 */
const EVERY = 8
/** Below as many activities a party is asked about each time: few calls are all there is to go by. */
const ALWAYS_BELOW = 64

/**
 * The questions that models are to answer about an activity just observed: the text of a message as it was sent (its origin's
 * copy), and the origin's behaviour when it opens something. A model that the pack gives no symbol is not asked. Depends on
 * the activity and the party's state alone, so that a replay asks the same.
 */
export function questionsOf(
  activity: Activity,
  { row, duplicate, firstMs, timeMs, activities }: Observation,
  pack: Pack,
  scorer: Asked,
): readonly ScoreRequest[] {
  if (duplicate || activity.role !== 'origin' || pack.models.length === 0) return NO_QUESTIONS
  const { kind } = activity
  if (kind !== 'message' && kind !== 'call.attempt') return NO_QUESTIONS
  let questions: ScoreRequest[] | undefined
  const text = kind === 'message' ? activity.content?.text : undefined
  if (text !== undefined && text !== '' && weighs(pack, 'text') && scorer.accepts('text')) {
    questions = [{ about: 'text', text }]
  }
  const due = activities < ALWAYS_BELOW || activities % EVERY === 0
  if (due && timeMs - firstMs >= LEAST_AGE_MS && weighs(pack, 'behaviour') && scorer.accepts('behaviour')) {
    const vector = new Float32Array(vectorNames.length)
    vectorOf(row, vector)
    questions ??= []
    questions.push({ about: 'behaviour', vector })
  }
  return questions ?? NO_QUESTIONS
}

function weighs(pack: Pack, model: 'text' | 'behaviour'): boolean {
  for (const symbol of pack.models) if (symbol.model === model) return true
  return false
}
