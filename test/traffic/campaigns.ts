import { blastText } from './conversations.ts'
import type { People } from './people.ts'
import {
  type CallOutcome,
  MINUTE_MS,
  type Person,
  type PlannedCall,
  type PlannedMessage,
  type PlannedProbe,
} from './plan.ts'
import type { Random } from './random.ts'

export const robocaller: Person = { number: '+33948123456', name: 'Service Energie', agent: 'Asterisk PBX 18.9' }
export const sequentialDialler: Person = { number: '+33977123456', name: '0977123456', agent: 'VoipDialer 2.0' }
/** Comoros, libphonenumber's example of a mobile there. */
export const wangiriCaller: Person = { number: '+2693212345', name: '+2693212345', agent: 'Sippy' }
export const blasters: readonly Person[] = ['+33600000111', '+33600000245', '+33600000398', '+33600000472'].map(
  number => ({
    number,
    name: number,
    agent: 'SMSGate/1.7',
  }),
)

/** Any valid mobile; one in six is a subscriber of the sample. */
function victim(people: People, random: Random): string {
  if (random.chance(1 / 6)) return random.pick(people.mobiles).number
  return `+336000${String(random.whole(9_100, 99_999)).padStart(5, '0')}`
}

/** Many different numbers, one every two seconds, from 1:00: short answered calls, many not answered. */
export function planRobocalls(people: People, random: Random): PlannedCall[] {
  const calls: PlannedCall[] = []
  for (let count = 0, atMs = MINUTE_MS; count < 84; count++, atMs += random.between(1_300, 2_700)) {
    const draw = random.unit()
    const outcome: CallOutcome =
      draw < 0.45
        ? 'callee-hangs-up'
        : draw < 0.52
          ? 'caller-hangs-up'
          : draw < 0.6
            ? 'busy'
            : draw < 0.7
              ? 'unknown'
              : draw < 0.78
                ? 'declined'
                : draw < 0.9
                  ? 'absent'
                  : 'given-up'
    const to = victim(people, random)
    calls.push({
      entry: 'robocaller',
      atMs,
      from: robocaller,
      to,
      dialled: to,
      outcome,
      delayMs: random.between(100, 800),
      ringMs: random.between(3_000, 11_000),
      talkMs: outcome === 'caller-hangs-up' ? random.between(14_000, 24_000) : random.between(1_800, 7_000),
    })
  }
  return calls
}

/** 01 99 00 20 40 and the numbers after it, one by one, from 3:00: finds out which exist. */
export function planSequentialDialling(random: Random): PlannedCall[] {
  const calls: PlannedCall[] = []
  for (let count = 0, atMs = 3 * MINUTE_MS; count < 56; count++, atMs += random.between(1_800, 3_000)) {
    const draw = random.unit()
    const outcome: CallOutcome =
      draw < 0.35 ? 'unknown' : draw < 0.6 ? 'given-up' : draw < 0.85 ? 'caller-hangs-up' : 'absent'
    const to = `+331990020${String(count + 40).padStart(2, '0')}`.slice(0, 12)
    calls.push({
      entry: 'sequential-dialler',
      atMs,
      from: sequentialDialler,
      to,
      dialled: to,
      outcome,
      delayMs: random.between(80, 500),
      ringMs: random.between(2_500, 7_000),
      talkMs: random.between(1_500, 3_000),
    })
  }
  return calls
}

/** From 4:30, a foreign number rings once and hangs up, so that people call it back at a price. Four do. */
export function planWangiri(people: People, random: Random): PlannedCall[] {
  const calls: PlannedCall[] = []
  for (let count = 0, atMs = 4.5 * MINUTE_MS; count < 56; count++, atMs += random.between(1_500, 2_900)) {
    const to = victim(people, random)
    calls.push({
      entry: 'wangiri',
      atMs,
      from: wangiriCaller,
      to,
      dialled: to,
      outcome: 'given-up',
      delayMs: random.between(150, 600),
      ringMs: random.between(700, 1_500),
      talkMs: 0,
    })
  }
  const struck = calls
    .map(call => people.mobiles.find(person => person.number === call.to))
    .filter(person => person !== undefined)
  const curious = [...new Set(struck)].slice(0, 4)
  for (const [index, from] of curious.entries())
    calls.push({
      entry: 'access',
      atMs: 6.6 * MINUTE_MS + index * 21_000 + random.between(0, 9_000),
      from,
      to: wangiriCaller.number,
      dialled: wangiriCaller.number,
      outcome: 'caller-hangs-up',
      delayMs: random.between(300, 900),
      ringMs: random.between(1_000, 3_000),
      talkMs: random.between(9_000, 40_000),
    })
  return calls
}

const firstNames = [
  'Camille',
  'Hugo',
  'Chloe',
  'Paul',
  'Sarah',
  'Karim',
  'Manon',
  'Luc',
  'Ines',
  'Theo',
  'Nadia',
  'Marc',
  'Lea',
  'Omar',
] as const
const hosts = ['colis-suivi', 'douane-paiement', 'livraison-relais', 'suivi-express'] as const

/** From 6:00, one text with changed names, amounts and links to many, from four origins at once. */
export function planBlast(people: People, random: Random): PlannedMessage[] {
  const messages: PlannedMessage[] = []
  for (const [index, from] of blasters.entries()) {
    let atMs = 6 * MINUTE_MS + index * 7_000
    for (let count = 0; count < 36; count++, atMs += random.between(2_200, 4_200)) {
      const euros = `${random.whole(1, 3)},${random.whole(10, 99)}`
      const token = Math.floor(random.between(36 ** 4, 36 ** 5)).toString(36)
      const text = blastText(random.pick(firstNames), euros, random.pick(hosts), token)
      messages.push({ entry: 'message-blast', atMs, from, to: victim(people, random), text })
    }
  }
  return messages
}

const scannerAgents = ['friendly-scanner', 'sipvicious', 'sipcli/v1.8', 'VaxSIPUserAgent/3.1'] as const

/** From 2:00, one address asks who is there (OPTIONS), guesses accounts (REGISTER) and tries to place calls (INVITE). */
export function planScan(random: Random): PlannedProbe[] {
  const probes: PlannedProbe[] = []
  let atMs = 2 * MINUTE_MS
  for (let extension = 100; extension < 140; extension++, atMs += random.between(90, 260))
    probes.push({
      atMs,
      method: 'OPTIONS',
      fromUser: String(extension),
      toUser: String(extension),
      agent: scannerAgents[0],
    })
  for (let extension = 1000; extension < 1040; extension++, atMs += random.between(300, 1_300))
    probes.push({
      atMs,
      method: 'REGISTER',
      fromUser: String(extension),
      toUser: String(extension),
      agent: scannerAgents[1],
    })
  for (let count = 0; count < 30; count++, atMs += random.between(800, 2_200)) {
    const prefix = random.pick(['00', '900', '9011', '000', '8'] as const)
    const toUser = `${prefix}97259227${random.whole(1000, 9999)}`
    probes.push({
      atMs,
      method: 'INVITE',
      fromUser: String(random.whole(100, 999)),
      toUser,
      agent: scannerAgents[count % 2 === 0 ? 2 : 3],
    })
  }
  return probes
}
