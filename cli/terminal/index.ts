export { type Progress, type ProgressStream, showProgress } from './progress.ts'
export { fit, printable } from './text.ts'
