import { setTimeout as sleep } from 'node:timers/promises'
import { noScorer, type ScoreResult, type Scorer } from '../../../engine/scorer/index.ts'

/** Answers of a scorer, one entry a question of `score`, in the order in which they were asked. */
export type Tape = (readonly ScoreResult[])[]

/** How long a batch waits for its answers: what the models take. */
const ANSWER_MS = 4

/** A scorer that also puts down what it answers. */
export function recording(scorer: Scorer, tape: Tape): Scorer {
  return {
    ...noScorer(),
    version: scorer.version,
    accepts: scorer.accepts,
    async score(requests) {
      const place = tape.push([]) - 1
      const answers = await scorer.score(requests, 'patient')
      tape[place] = answers
      return answers
    },
  }
}

/** A scorer without models: to the same traffic it gives the same answers, as late as the models and on the caller's thread. */
export function answering(version: string, tape: Tape): Scorer {
  let place = 0
  return {
    ...noScorer(),
    version,
    accepts: () => true,
    score: requests => {
      const answers = tape[place++]
      if (answers?.length !== requests.length) throw new Error('the traffic is not the one recorded')
      return sleep(ANSWER_MS, answers)
    },
  }
}
