import type { Activity } from '../activity/index.ts'
import { WARM } from '../features/index.ts'
import type { ScoreRequest, ScoreResult, Scorer, Urgency } from '../scorer/index.ts'
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
  const asked: Promise<readonly ScoreResult[]>[] = []
  for (let from = 0; from < activities.length; from += ASKED_TOGETHER) {
    const questions: ScoreRequest[] = []
    takeInOrder(partition, activities.slice(from, from + ASKED_TOGETHER), taken, questions)
    if (questions.length > 0) asked.push(scorer.score(questions, urgency))
  }
  return decideInOrder(partition, taken, asked.length === 0 ? NO_ANSWERS : inOrder(await Promise.all(asked)))
}

/** Takes activities in behind those of `taken`, and puts their questions behind the others. */
function takeInOrder(
  partition: Partition,
  activities: readonly Activity[],
  taken: Taken[],
  questions: ScoreRequest[],
): void {
  for (let from = 0; from < activities.length; from += WARM) {
    const next = activities.slice(from, from + WARM)
    partition.warm(next)
    for (const activity of next) {
      const each = partition.take(activity)
      taken.push(each)
      for (const question of each.questions) questions.push(question)
    }
  }
}

/** Nearly always there is one list of answers: it is not copied. */
function inOrder(answers: readonly (readonly ScoreResult[])[]): readonly ScoreResult[] {
  return answers.length === 1 ? answers[0]! : answers.flat()
}

function decideInOrder(partition: Partition, taken: readonly Taken[], answers: readonly ScoreResult[]): Judged[] {
  let at = 0
  return taken.map(each => {
    const from = at
    at += each.questions.length
    return partition.decide(each, at === from ? NO_ANSWERS : answers.slice(from, at))
  })
}
