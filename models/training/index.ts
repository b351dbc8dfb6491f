export {
  type Artefact,
  type DriftReference,
  type ModelHeader,
  type ModelName,
  readArtefact,
  readArtefactHeader,
  versionOf,
  writeArtefact,
} from './artefact.ts'
export { type Calibration, calibrated, fitCalibration, sigmoid, UNCALIBRATED } from './calibration.ts'
export { type DriftGauge, driftGauge, referenceOf, stabilityIndex } from './drift.ts'
export { fitLogistic, type LogisticOptions, type Sparse } from './logistic.ts'
export * from './metrics.ts'
export { type OnProgress, silent, type TrainingProgress } from './progress.ts'
export { below, normal, type Random, randomOf, shuffle } from './random.ts'
