import type { Activity } from '../../engine/activity/index.ts'

const START_MS = 1_764_000_000_000
/** Event-time rate of the stream: a million subscribers in the busy hour, with room (DESIGN §11 has 700 a second for them). */
const PER_SECOND = 2_000

/** The nth party of a benchmark. */
export const partyName = (n: number): string => `+3361${String(n).padStart(7, '0')}`

/** Letters of words by how often English, Malay and French use them, roughly. */
const LETTERS = 'eeeeeeaaaaaaiiiiitttnnnnooooosssrrrlldduummkkhhggppbbccyywwffvvjzqx'
const WORDS = words(1_500, generator(11))

function words(count: number, random: () => number): readonly string[] {
  const letter = () => LETTERS[Math.floor(random() * LETTERS.length)]
  return Array.from({ length: count }, () =>
    Array.from({ length: 2 + Math.floor(random() * random() * 9) }, letter).join(''),
  )
}

/**
 * A text as people send them, measured against the 29,002 of nus-messages.tsv: 45 % are long enough for a fingerprint (here
 * 44 %), and such a one shares a pair of fingerprint values with 3.8 earlier texts (here 3.6) without resembling them.
 */
function textOf(random: () => number): string {
  const length = 1 + Math.floor(random() * random() * 33)
  return Array.from({ length }, () => WORDS[Math.floor(WORDS.length * random() ** 3)]!).join(' ')
}

/** The nth activity of a busy hour: 57 % calls in all their stages, 43 % messages. */
export function activityAt(n: number, from: string, to: string, random: () => number): Activity {
  const common = {
    id: `a${n}`,
    role: 'origin' as const,
    time: START_MS + Math.floor((n * 1000) / PER_SECOND),
    from: { party: from },
    to: { party: to },
    route: { tap: 'hep-1', peer: '192.0.2.7' },
    agent: 'IM-client/OMA1.0',
  }
  // Never a spread first: V8 gives each object that begins with one a hidden class of its own, and the garbage of it
  // makes its collections ten times as long.
  const kind = random()
  if (kind < 0.43) {
    return { kind: 'message', ...common, content: { type: 'text/plain', text: textOf(random) } }
  }
  if (kind < 0.62) return { kind: 'call.attempt', ...common }
  if (kind < 0.75) return { kind: 'call.answered', ...common, ringing: 6 }
  if (kind < 0.87) return { kind: 'call.ended', ...common, duration: random() * 200, ringing: 6, endedBy: 'target' }
  return { kind: 'call.failed', ...common, status: 486, ringing: 4, endedBy: 'target' }
}

/**
 * Rank by the inverse of the continuous Zipf distribution function, spread over the parties. Exponent 0.5: the busiest of a
 * million acts once a second, as a call centre does; at 0.8 it would act 27 times a second and every rule would fire on it.
 */
export function zipf(random: () => number, parties: number): number {
  const rank = Math.floor((random() * (parties ** 0.5 - 1) + 1) ** 2)
  return (rank * 7919) % parties
}

/** mulberry32. */
export function generator(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
