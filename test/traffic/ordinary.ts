import { conversations, groupMessages, reminder } from './conversations.ts'
import { nationalForm, type People } from './people.ts'
import {
  type CallOutcome,
  DURATION_MS,
  isAnswered,
  type Person,
  type PlannedCall,
  type PlannedMessage,
  type PlannedRegistration,
} from './plan.ts'
import type { Random } from './random.ts'

const CALLS_OF_FRIENDS = 125
const CALLS_OF_DESKS = 24
const CALLS_FROM_RECEPTION = 20
const CALLS_TO_RECEPTION = 18
const REMINDERS = 12

interface Ordinary {
  readonly calls: PlannedCall[]
  readonly messages: PlannedMessage[]
  readonly registrations: PlannedRegistration[]
}

/** Ten minutes of an ordinary network: friends, an office with a reception desk, a surgery's reminders, phones that register. */
export function planOrdinary(people: People, random: Random): Ordinary {
  const { mobiles, desks, reception, surgery, abroad } = people
  const calls: PlannedCall[] = []
  const freeAt = new Map<string, number>()
  const everyone = [...mobiles, ...abroad]
  const byNumber = new Map([...everyone, ...desks, reception, surgery].map(person => [person.number, person]))

  const place = (from: Person, to: string, wantedMs: number, depth = 0): void => {
    // Nobody is in two calls at once: a caller waits for their own call to end, a callee who talks is busy.
    const atMs = Math.max(wantedMs, (freeAt.get(from.number) ?? 0) + 1500)
    if (atMs > DURATION_MS - 25_000) return
    const calleeTalks = (freeAt.get(to) ?? 0) > atMs
    const outcome = calleeTalks ? 'busy' : drawOutcome(random)
    const call = draw(from, to, atMs, outcome, random)
    const endMs = atMs + call.delayMs + call.ringMs + (isAnswered(outcome) ? call.talkMs : 0)
    calls.push(call)
    freeAt.set(from.number, endMs)
    if (isAnswered(outcome)) freeAt.set(to, endMs)
    // Who was missed is called back, or tries again.
    const callee = byNumber.get(to)
    if (depth > 1 || isAnswered(outcome) || outcome === 'unknown') return
    if (callee !== undefined && random.chance(0.45))
      place(callee, from.number, endMs + random.between(8_000, 60_000), depth + 1)
    else if (random.chance(0.3)) place(from, to, endMs + random.between(10_000, 40_000), depth + 1)
  }

  const wanted: { from: Person; to: string; atMs: number }[] = []
  const anyTime = () => random.between(500, DURATION_MS - 60_000)
  const friendOf = (person: Person) => random.pick(people.circles.get(person.number) ?? mobiles)
  for (let count = 0; count < CALLS_OF_FRIENDS; count++) {
    const from = random.pick(random.chance(0.08) ? abroad : mobiles)
    wanted.push({ from, to: friendOf(from).number, atMs: anyTime() })
  }
  for (let count = 0; count < CALLS_OF_DESKS; count++) {
    const from = random.pick(desks)
    const to = random.chance(0.5) ? random.pick(desks) : random.pick(everyone)
    if (to.number !== from.number) wanted.push({ from, to: to.number, atMs: anyTime() })
  }
  // The reception desk puts calls through to the desks and calls clients back, many of whom called it.
  const clients = random.shuffled(mobiles).slice(0, 14)
  for (let count = 0; count < CALLS_TO_RECEPTION; count++)
    wanted.push({ from: random.pick(clients), to: reception.number, atMs: anyTime() })
  for (let count = 0; count < CALLS_FROM_RECEPTION; count++)
    wanted.push({ from: reception, to: random.pick(count % 2 === 0 ? desks : clients).number, atMs: anyTime() })
  for (const { from, to, atMs } of wanted.sort((one, other) => one.atMs - other.atMs)) place(from, to, atMs)

  return {
    calls,
    messages: [...planChats(people, random), ...planGroups(people, random), ...planReminders(people, random)],
    registrations: random
      .shuffled([...mobiles, ...desks])
      .slice(0, 24)
      .map(person => ({ person, atMs: random.between(0, DURATION_MS - 20_000) })),
  }
}

function drawOutcome(random: Random): CallOutcome {
  const draw = random.unit()
  if (draw < 0.38) return 'caller-hangs-up'
  if (draw < 0.66) return 'callee-hangs-up'
  if (draw < 0.72) return 'busy'
  if (draw < 0.75) return 'declined'
  if (draw < 0.85) return 'absent'
  if (draw < 0.87) return 'unknown'
  return 'given-up'
}

function draw(from: Person, to: string, atMs: number, outcome: CallOutcome, random: Random): PlannedCall {
  const ringMs = {
    'caller-hangs-up': random.longTailed(5_000, 0.5),
    'callee-hangs-up': random.longTailed(5_000, 0.5),
    busy: 0,
    unknown: 0,
    declined: random.between(1_500, 5_000),
    absent: random.between(12_000, 20_000),
    // Callers who give up do so late, after a few rings; that is what tells them from wangiri.
    'given-up': random.between(8_000, 22_000),
  }[outcome]
  return {
    entry: 'access',
    atMs,
    from,
    to,
    dialled: random.chance(0.25) ? nationalForm(to) : to,
    outcome,
    delayMs: random.between(80, 900),
    ringMs: Math.min(ringMs, 24_000),
    talkMs: Math.min(
      Math.max(random.longTailed(15_000, 0.9), 1_500),
      90_000,
      Math.max(DURATION_MS - atMs - 26_000, 1_500),
    ),
  }
}

function planChats(people: People, random: Random): PlannedMessage[] {
  const messages: PlannedMessage[] = []
  const starters = random.shuffled([...people.mobiles, ...people.abroad])
  for (const [index, turns] of conversations.entries()) {
    const one = starters[index % starters.length]!
    const other = random.pick(people.circles.get(one.number) ?? people.mobiles)
    let atMs = random.between(2_000, DURATION_MS - 190_000)
    for (const [turn, text] of turns.entries()) {
      const [from, to] = turn % 2 === 0 ? [one, other] : [other, one]
      messages.push({ entry: 'access', atMs, from, to: to.number, text })
      atMs += Math.min(2_500 + text.length * 120 + random.longTailed(6_000, 0.7), 35_000)
    }
  }
  return messages.filter(message => message.atMs < DURATION_MS - 2_000)
}

function planGroups(people: People, random: Random): PlannedMessage[] {
  const messages: PlannedMessage[] = []
  for (const [index, { text, answers }] of groupMessages.entries()) {
    const writer = people.mobiles[5 + index * 9]!
    const circle = people.circles.get(writer.number) ?? []
    const known = new Set([writer.number, ...circle.map(person => person.number)])
    const others = random.shuffled(people.mobiles.filter(person => !known.has(person.number)))
    const friends = [...circle, ...others].slice(0, 5)
    let atMs = random.between(10_000 + index * 130_000, 100_000 + index * 130_000)
    for (const friend of friends) {
      messages.push({ entry: 'access', atMs, from: writer, to: friend.number, text })
      atMs += random.between(80, 400)
    }
    for (const [turn, answer] of answers.entries()) {
      atMs += random.between(4_000, 18_000)
      messages.push({ entry: 'access', atMs, from: friends[turn]!, to: writer.number, text: answer })
    }
  }
  return messages
}

function planReminders(people: People, random: Random): PlannedMessage[] {
  const messages: PlannedMessage[] = []
  const days = ['lundi', 'mardi', 'jeudi', 'vendredi'] as const
  for (const [index, patient] of random.shuffled(people.mobiles).slice(0, REMINDERS).entries()) {
    const atMs = 15_000 + index * 44_000 + random.between(0, 15_000)
    const time = `${random.whole(8, 18)}h${random.pick(['00', '15', '30', '45'] as const)}`
    const text = reminder(patient.name, random.pick(days), time)
    messages.push({ entry: 'access', atMs, from: people.surgery, to: patient.number, text })
    if (random.chance(0.4)) {
      const answer = random.pick(['Merci', 'ok', 'Bien noté, merci'] as const)
      messages.push({
        entry: 'access',
        atMs: atMs + random.between(9_000, 30_000),
        from: patient,
        to: people.surgery.number,
        text: answer,
      })
    }
  }
  return messages
}
