export { type ControlOptions, followControl } from './control.ts'
export { ENGINE_GROUP, type Engine, type EngineOptions, startEngine } from './engine.ts'
export { FEEDBACK_GROUP, followFeedback } from './feedback.ts'
export { activityCodec, activityRecord } from './outputs.ts'
