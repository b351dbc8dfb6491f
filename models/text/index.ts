export { scoresOf } from './choose.ts'
export {
  parseTextRows,
  readTextFile,
  type TextKind,
  type TextRow,
  textKinds,
  textRow,
  withoutDuplicates,
} from './corpus.ts'
export {
  type EvaluateTextOptions,
  evaluateText,
  type ScoredText,
  scoreFiles,
  summarise,
  type TextEvaluation,
  type TextFigures,
  textWeightsFolder,
} from './evaluate.ts'
export { type FeedbackRows, feedbackRows, readFeedback } from './feedback.ts'
export { defaultFit, type FitOptions } from './fit.ts'
export { createTextJudge, kindOfScore, type TextJudge, type TextScores } from './judge.ts'
export { createNormalised, MAX_UNITS, type Normalised, normalise } from './normalise.ts'
export { MODEL_FILE, type TrainedText, type TrainTextOptions, trainOn, trainText } from './train.ts'
export { readTextWeights, type TextWeights, textSchema } from './weights.ts'
