export { type InspectContext, type InspectLine, inspectRecording } from './inspect.ts'
export { openRecording, type Recording } from './open.ts'
