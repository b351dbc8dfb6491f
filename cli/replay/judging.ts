import type { Activity } from '../../engine/activity/index.ts'
import type { Judged, Partition, Taken } from '../../engine/partition/index.ts'
import type { ScoreResult, Scorer } from '../../engine/scorer/index.ts'

/** Activities of which the models are asked at once. */
const CHUNK = 1_024
/** Chunks that may wait for their scores before the reader is held back. */
const MOST_WAITING = 4
const NO_ANSWERS: readonly ScoreResult[] = []

/** Judges a recording with the models: state goes on with the reader, decisions follow in order as scores come in. */
export interface Judging {
  take(activity: Activity): void
  /** To be awaited between chunks of the recording; undefined: no need to wait. */
  ready(): Promise<void> | undefined
  /** Decides what is left. */
  finish(): Promise<void>
}

interface Waiting {
  readonly activity: Activity
  /** One for each partition. */
  readonly taken: readonly Taken[]
}

/**
 * Judges by one partition, or by several side by side (a backtest).
 * @param onJudged told of every activity in order, with what came of it in each partition
 */
export function createJudging(
  partitions: readonly Partition[],
  scorer: Scorer,
  onJudged: (activity: Activity, judged: readonly Judged[]) => void,
): Judging {
  let gathering: Waiting[] = []
  let questions = 0
  let waiting = 0
  let last: Promise<void> = Promise.resolve()

  function decide(chunk: readonly Waiting[], answers: readonly ScoreResult[]): void {
    let at = 0
    for (const { activity, taken } of chunk) {
      const judged = taken.map((each, i) => {
        at += each.questions.length
        const own = each.questions.length === 0 ? NO_ANSWERS : answers.slice(at - each.questions.length, at)
        return partitions[i]!.decide(each, own)
      })
      onJudged(activity, judged)
    }
  }

  function flush(): void {
    const chunk = gathering
    const asked = chunk.flatMap(({ taken }) => taken.flatMap(each => each.questions))
    gathering = []
    questions = 0
    // Nothing asked and nothing waiting before: no reason to let a promise come between.
    if (asked.length === 0 && waiting === 0) {
      decide(chunk, NO_ANSWERS)
      return
    }
    waiting++
    const answered = asked.length === 0 ? Promise.resolve(NO_ANSWERS) : scorer.score(asked, 'patient')
    last = last.then(async () => {
      decide(chunk, await answered)
      waiting--
    })
  }

  return {
    take(activity) {
      const taken = partitions.map(partition => partition.take(activity))
      gathering.push({ activity, taken })
      for (const each of taken) questions += each.questions.length
      if (gathering.length >= CHUNK || questions >= CHUNK) flush()
    },
    ready: () => (waiting < MOST_WAITING ? undefined : last),
    async finish() {
      flush()
      await last
    },
  }
}
