import type { Activity } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'

/** A small generator of numbers in [0, 1) with a seed (mulberry32): tests must give the same every time. */
export function random(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const START_MS = 1_764_000_000_000

/**
 * `calls` attempted calls in event order, one role copy each for origin and target: ordinary parties calling their few
 * friends, and two campaigns that dial many targets in sequence. Some calls come twice, as from two taps.
 */
export function trafficOf(calls: number, seed: number): Activity[] {
  const next = random(seed)
  const number = (n: number) => `+336${String(10_000_000 + n).padStart(8, '0')}`
  const activities: Activity[] = []
  for (let i = 0; i < calls; i++) {
    const spammer = next() < 0.3
    const origin = spammer ? number(1_000_000 + Math.floor(next() * 2)) : number(Math.floor(next() * 300))
    const target = spammer ? number(2_000_000 + i) : number(Math.floor(next() * 300))
    const callId = `call-${seed}-${i}`
    const time = START_MS + i * 250
    const one = (role: 'origin' | 'target'): Activity => ({
      id: idOf(callId, 'INVITE', role),
      role,
      kind: 'call.attempt',
      time,
      from: { party: origin },
      to: { party: target },
      route: { tap: 'test' },
      callId,
      media: ['audio'],
    })
    activities.push(one('origin'), one('target'))
    if (next() < 0.1) activities.push(one('origin'), one('target'))
  }
  return activities
}
