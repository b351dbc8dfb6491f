import type { Activity } from '../activity/index.ts'
import { WARM } from '../features/index.ts'
import type { ScoreResult, Scorer, Urgency } from '../scorer/index.ts'
import type { Judged, Partition, Taken } from './partition.ts'

const NO_ANSWERS: readonly ScoreResult[] = []
/** Activities taken in before the models are asked about them: their threads begin while the rest is taken in. */
const ASKED_TOGETHER = 8 * WARM

/**
 * Judges activities in order, a batch at a time: state takes all of them in, the models answer meanwhile in their threads,
 * then each activity is decided. Gives what came of each. The same verdicts as one by one.
 */
export async function judgeBatch(
  partition: Partition,
  activities: readonly Activity[],
  scorer: Scorer,
  urgency: Urgency,
): Promise<Judged[]> {
  const taken: Taken[] = []
  const answers: Promise<readonly ScoreResult[]>[] = []
  for (let from = 0; from < activities.length; from += ASKED_TOGETHER) {
    const some = takeInOrder(partition, activities.slice(from, from + ASKED_TOGETHER))
    const asked = some.flatMap(each => each.questions)
    if (asked.length > 0) answers.push(scorer.score(asked, urgency))
    taken.push(...some)
  }
  return decideInOrder(partition, taken, answers.length === 0 ? NO_ANSWERS : (await Promise.all(answers)).flat())
}

function takeInOrder(partition: Partition, activities: readonly Activity[]): readonly Taken[] {
  const taken: Taken[] = []
  for (let from = 0; from < activities.length; from += WARM) {
    const next = activities.slice(from, from + WARM)
    partition.warm(next)
    for (const activity of next) taken.push(partition.take(activity))
  }
  return taken
}

function decideInOrder(partition: Partition, taken: readonly Taken[], answers: readonly ScoreResult[]): Judged[] {
  let at = 0
  return taken.map(each => {
    const own = each.questions.length
    if (own === 0) return partition.decide(each, NO_ANSWERS)
    at += own
    return partition.decide(each, answers.slice(at - own, at))
  })
}
