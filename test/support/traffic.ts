import { type Activity, keyOf } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import type { AppendRecord } from '../../engine/log/index.ts'
import { activityRecord } from '../../engine/runtime/index.ts'

const START_MS = Date.UTC(2026, 10, 21, 9)

/** A call that is attempted and fails, under both roles: what a tap emits for it. */
function failedCall(from: string, to: string, atSeconds: number): Activity[] {
  const time = START_MS + Math.round(atSeconds * 1000)
  const common = {
    id: idOf('call', from, to, String(time)),
    time,
    from: { party: from },
    to: { party: to },
    route: { tap: 'test', peer: '192.0.2.1' },
  }
  return [
    { ...common, kind: 'call.attempt', role: 'origin' },
    { ...common, kind: 'call.attempt', role: 'target' },
    {
      ...common,
      id: `${common.id}x`,
      time: time + 900,
      kind: 'call.failed',
      role: 'origin',
      status: 487,
      ringing: 0.8,
      endedBy: 'origin',
    },
  ]
}

/** One wangiri caller among ordinary people who call a few friends: seeded by nothing, the same every time. */
export function mixedTraffic(seconds: number): Activity[] {
  const activities: Activity[] = []
  for (let second = 0; second < seconds; second++) {
    activities.push(...failedCall('+2693212345', `+3361200${String(1000 + second)}`, second))
    if (second % 7 === 0)
      activities.push(...failedCall(`+3361100${String(1000 + (second % 5))}`, '+33611001009', second + 0.5))
  }
  return activities
}

export function records(activities: readonly Activity[]): AppendRecord[] {
  return activities.map(activity => activityRecord(activity, keyOf(activity)))
}
