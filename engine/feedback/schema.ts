import { type Static, Type } from '@sinclair/typebox'

/** What reporters may do at most (engine), and how reports reach us (taps), as configuration writes it. */
export const feedbackSchema = Type.Object(
  {
    reportCodes: Type.Array(Type.String({ minLength: 1, maxLength: 32 }), {
      default: [],
      description:
        'numbers that people forward unwanted messages to (7726, 33700), and addresses; needs content policy inspect',
    }),
    starCodes: Type.Array(Type.String({ pattern: '^[*#0-9+]{2,16}$' }), {
      default: [],
      description: 'codes dialled after an unwanted call to report its caller (ITU-T X.1246 Amd.1 by analogy), as *77',
    }),
    starSeconds: Type.Integer({
      default: 1800,
      minimum: 10,
      maximum: 86_400,
      description: 'a code reports the last caller of so long ago at most',
    }),
    forwardSeconds: Type.Integer({
      default: 86_400,
      minimum: 10,
      maximum: 604_800,
      description: 'a forwarded message is matched with those received so long ago at most',
    }),
    remembered: Type.Integer({
      default: 524_288,
      minimum: 1024,
      maximum: 16_777_216,
      description: 'last callers and senders remembered, 20 bytes each; the older one gives way',
    }),
    repeatHours: Type.Integer({
      default: 24,
      minimum: 1,
      maximum: 720,
      description: 'one person counts once in so many hours against one party',
    }),
    perReporterPerDay: Type.Integer({
      default: 20,
      minimum: 1,
      maximum: 100_000,
      description: 'parties that one person can count against in a day; what is beyond lowers the trust in them',
    }),
    halfLifeDays: Type.Number({
      default: 30,
      minimum: 0.1,
      maximum: 3650,
      description: 'what is known of a reporter counts half after so long',
    }),
    maxReporters: Type.Integer({
      default: 50_000,
      minimum: 100,
      maximum: 5_000_000,
      description: 'reporters and reported parties a partition remembers each; the one idle longest is let go first',
    }),
  },
  {
    $id: 'FeedbackOptions',
    additionalProperties: false,
    description: 'Reports of people: how they come in, how far they are trusted.',
  },
)

export type FeedbackOptions = Static<typeof feedbackSchema>

/** Every option at its default. */
export const feedbackDefaults: FeedbackOptions = {
  reportCodes: [],
  starCodes: [],
  starSeconds: 1800,
  forwardSeconds: 86_400,
  remembered: 524_288,
  repeatHours: 24,
  perReporterPerDay: 20,
  halfLifeDays: 30,
  maxReporters: 50_000,
}
