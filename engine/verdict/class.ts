import type { Activity, Verdict } from '../activity/index.ts'

/** Protocols of conversation as it is typed; SMS and its transports wait in a store on the way. */
const instant = new Set(['sip', 'msrp', 'xmpp', 'ws'])

/** Class of spam by ITU-T X.1244 clause 7: real-time or not × voice, text or video; none for registrations and probes. */
export function classOf(activity: Activity): Verdict['class'] | undefined {
  switch (activity.kind) {
    case 'call.attempt':
      if (activity.media?.includes('video')) return 'real-time video'
      // An invitation to a message session (RCS chat, file transfer) and nothing else.
      return activity.media?.[0] === 'message' ? 'real-time text' : 'real-time voice'
    case 'call.answered':
    case 'call.ended':
    case 'call.failed':
      return 'real-time voice'
    case 'message':
      return instant.has(activity.protocol ?? '') ? 'real-time text' : 'non-real-time text'
    default:
      return undefined
  }
}
