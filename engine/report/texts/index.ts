export { type Label, labels } from './labels.ts'
export { type Language, languages, type Speaker, speakerOf } from './speaker.ts'
