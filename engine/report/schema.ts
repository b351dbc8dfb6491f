import { type Static, Type } from '@sinclair/typebox'

/** The `study` section of the configuration. */
export const studySchema = Type.Object(
  {
    inputs: Type.String({
      default: '',
      description: 'YAML file of what the archive cannot know: subscribers, investments, prices (docs/report.md)',
    }),
    signingKeyFile: Type.String({
      default: '',
      description: 'Ed25519 key that reports are signed with; made when the file does not exist; empty signs none',
    }),
    memoryMegabytes: Type.Integer({
      default: 1200,
      minimum: 128,
      maximum: 262_144,
      description: 'memory that making a report may take; the rest goes to local disk',
    }),
  },
  { description: 'The Resolution 52 study: `ringfence report`.' },
)
export type StudyConfig = Static<typeof studySchema>
