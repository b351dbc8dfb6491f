import type { Activity, ActivityOf } from '../activity/index.ts'
import { WARM } from '../features/index.ts'

type FieldOf<Record> = Record extends unknown ? keyof Record : never
type Field = FieldOf<Activity>

/** The fields of every kind of activity at once; those that a kind does not have are undefined. */
type View = Record<Field, unknown>

type RareActivity = ActivityOf<'registration' | 'probe' | 'feedback'>

/** Shows activities through objects that are reused: the views of those read ahead are valid until the next are. */
export interface ActivityReader {
  /** Reads the activities that come next, at most `WARM`; gives the view of each. */
  ahead(activities: readonly Activity[]): readonly Activity[]
  /** View of an activity: the one read ahead where it is its turn, else another, valid until the next such. */
  of(activity: Activity): Activity
}

/**
 * Reads every field of an activity once. Records come out of JSON in as many shapes as there are sets of fields, and each
 * read of a field of an unknown shape is a look-up in a table of V8's; state, rules and verdict read some forty. Through
 * views they all read one shape. `kind` and `role` become our own texts, which compare by address.
 */
export function createActivityReader(): ActivityReader {
  const views = Array.from({ length: WARM }, blank)
  const shown: (Activity | undefined)[] = new Array(WARM).fill(undefined)
  const kinds: Activity['kind'][] = new Array(WARM).fill('message')
  const spare = blank()
  // Every field of a view was read from an activity of its very kind.
  const asActivities = views as unknown as Activity[]
  let ahead = 0
  let next = 0
  return {
    ahead(activities) {
      ahead = Math.min(activities.length, WARM)
      next = 0
      // A loop of its own: the records lie anywhere in memory, and here nothing but memory is waited for.
      for (let i = 0; i < ahead; i++) kinds[i] = activities[i]!.kind
      for (let i = 0; i < ahead; i++) {
        shown[i] = activities[i]
        show(views[i]!, activities[i]!, kinds[i]!)
      }
      return ahead === WARM ? asActivities : asActivities.slice(0, ahead)
    },
    of(activity) {
      if (next < ahead && shown[next] === activity) return asActivities[next++]!
      show(spare, activity, activity.kind)
      return spare as unknown as Activity
    },
  }
}

/**
 * A function a kind, each with all its reads, alike as they are: V8 learns shapes by the place in the code, and records of
 * one kind come in few.
 */
function show(view: View, activity: Activity, kind: Activity['kind']): void {
  clear(view)
  switch (kind) {
    case 'message':
      showMessage(view, activity as ActivityOf<'message'>)
      break
    case 'call.attempt':
      showAttempt(view, activity as ActivityOf<'call.attempt'>)
      break
    case 'call.answered':
      showAnswered(view, activity as ActivityOf<'call.answered'>)
      break
    case 'call.ended':
      showEnded(view, activity as ActivityOf<'call.ended'>)
      break
    case 'call.failed':
      showFailed(view, activity as ActivityOf<'call.failed'>)
      break
    default:
      showRare(view, activity as RareActivity)
  }
}

function showMessage(view: View, activity: ActivityOf<'message'>): void {
  view.kind = 'message'
  view.id = activity.id
  view.role = activity.role === 'target' ? 'target' : 'origin'
  view.time = activity.time
  view.from = activity.from
  view.to = activity.to
  view.diverted = activity.diverted
  view.route = activity.route
  view.agent = activity.agent
  view.callId = activity.callId
  view.content = activity.content
  view.protocol = activity.protocol
}

function showAttempt(view: View, activity: ActivityOf<'call.attempt'>): void {
  view.kind = 'call.attempt'
  view.id = activity.id
  view.role = activity.role === 'target' ? 'target' : 'origin'
  view.time = activity.time
  view.from = activity.from
  view.to = activity.to
  view.diverted = activity.diverted
  view.route = activity.route
  view.agent = activity.agent
  view.callId = activity.callId
  view.media = activity.media
}

function showAnswered(view: View, activity: ActivityOf<'call.answered'>): void {
  view.kind = 'call.answered'
  view.id = activity.id
  view.role = activity.role === 'target' ? 'target' : 'origin'
  view.time = activity.time
  view.from = activity.from
  view.to = activity.to
  view.diverted = activity.diverted
  view.route = activity.route
  view.agent = activity.agent
  view.callId = activity.callId
  view.ringing = activity.ringing
  view.pdd = activity.pdd
}

function showEnded(view: View, activity: ActivityOf<'call.ended'>): void {
  view.kind = 'call.ended'
  view.id = activity.id
  view.role = activity.role === 'target' ? 'target' : 'origin'
  view.time = activity.time
  view.from = activity.from
  view.to = activity.to
  view.diverted = activity.diverted
  view.route = activity.route
  view.agent = activity.agent
  view.callId = activity.callId
  view.duration = activity.duration
  view.ringing = activity.ringing
  view.pdd = activity.pdd
  view.endedBy = activity.endedBy
  view.cause = activity.cause
}

function showFailed(view: View, activity: ActivityOf<'call.failed'>): void {
  view.kind = 'call.failed'
  view.id = activity.id
  view.role = activity.role === 'target' ? 'target' : 'origin'
  view.time = activity.time
  view.from = activity.from
  view.to = activity.to
  view.diverted = activity.diverted
  view.route = activity.route
  view.agent = activity.agent
  view.callId = activity.callId
  view.status = activity.status
  view.ringing = activity.ringing
  view.pdd = activity.pdd
  view.endedBy = activity.endedBy
  view.cause = activity.cause
}

function showRare(view: View, activity: RareActivity): void {
  view.id = activity.id
  view.role = activity.role === 'target' ? 'target' : 'origin'
  view.time = activity.time
  view.from = activity.from
  view.to = activity.to
  view.diverted = activity.diverted
  view.route = activity.route
  view.agent = activity.agent
  view.callId = activity.callId
  switch (activity.kind) {
    case 'registration':
      view.kind = 'registration'
      view.status = activity.status
      view.outcome = activity.outcome
      return
    case 'probe':
      view.kind = 'probe'
      view.method = activity.method
      view.decoy = activity.decoy
      view.status = activity.status
      return
    case 'feedback':
      view.kind = 'feedback'
      view.source = activity.source
      view.opinion = activity.opinion
      view.trust = activity.trust
      return
  }
}

/** Undoes what only some kinds have. */
function clear(view: View): void {
  view.media = undefined
  view.content = undefined
  view.protocol = undefined
  view.ringing = undefined
  view.pdd = undefined
  view.duration = undefined
  view.endedBy = undefined
  view.cause = undefined
  view.status = undefined
  view.outcome = undefined
  view.method = undefined
  view.decoy = undefined
  view.source = undefined
  view.opinion = undefined
  view.trust = undefined
}

/** All from one literal, so that all have one shape. */
function blank(): View {
  return {
    kind: '',
    id: '',
    role: 'origin',
    time: 0,
    from: undefined,
    to: undefined,
    diverted: undefined,
    route: undefined,
    agent: undefined,
    callId: undefined,
    media: undefined,
    content: undefined,
    protocol: undefined,
    ringing: undefined,
    pdd: undefined,
    duration: undefined,
    endedBy: undefined,
    cause: undefined,
    status: undefined,
    outcome: undefined,
    method: undefined,
    decoy: undefined,
    source: undefined,
    opinion: undefined,
    trust: undefined,
  }
}
