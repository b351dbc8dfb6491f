import type { Activity } from '../../engine/activity/index.ts'

/** The nth of parties that are seen once: each with a rare event or a text, an agent, a route and a range of its own. */
export function oneShot(n: number): Activity {
  const from = { party: `+336${String(10_000_000 + n * 7)}`, display: `Nobody ${n}` }
  const common = {
    id: `one-${n}`,
    role: 'origin' as const,
    time: 1_764_000_000_000 + n * 20,
    from,
    agent: `agent-${n}`,
  }
  const to = { party: `+331${String(40_000_000 + n * 3)}` }
  const route = { tap: 'test', peer: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}` }
  if (n % 3 === 0) return { ...common, to, route, kind: 'call.failed', status: 503, endedBy: 'network' }
  if (n % 3 === 1) return { ...common, to, route, kind: 'call.attempt' }
  const text = `Parcel ${n} of ${n * 31} waits for you at counter ${n * 17}, bring paper ${n * 13} and a pen please`
  return { ...common, to, route, kind: 'message', content: { type: 'text/plain', text } }
}
