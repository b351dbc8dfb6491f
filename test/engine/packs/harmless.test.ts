import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DAY,
  HOUR,
  MINUTE,
  MONDAY,
  mobile,
  type Outcome,
  office,
  play,
  type Random,
  randomOf,
  SECOND,
  type Traffic,
  traffic,
} from './traffic.ts'

/**
 * Harmless traffic, from a cold start, when nothing is known of anybody: the hardest moment. Whatever looks odd here is
 * somebody's work or life; nothing of it may be flagged, condemned or, where calls come in, shielded.
 */
function assertHarmless({ flagged, condemned, shielded }: Outcome): void {
  assert.deepEqual([...flagged], [])
  assert.deepEqual([...condemned], [])
  assert.deepEqual([...shielded], [])
}

/** How an ordinary call ends: two in three answered, minutes of talk, the rest busy, absent or given up late. */
function ordinaryCall(random: Random, on: Traffic, from: string, to: string, timeMs: number): void {
  const draw = random.unit()
  const ringS = random.between(4, 18)
  if (draw < 0.66) on.call(from, to, timeMs, { talkS: Math.round(random.gap(140)) + 8, ringS })
  else if (draw < 0.76) on.call(from, to, timeMs, { status: 486, ringS: 0.2 })
  else if (draw < 0.9) on.call(from, to, timeMs, { status: 480, ringS: 25 })
  else on.call(from, to, timeMs, { status: 487, ringS: random.between(12, 30), by: 'origin' })
}

test('a switchboard that shows one number, 450 calls a day out and 350 in, for three days', () => {
  const random = randomOf(1)
  const on = traffic()
  const main = office(1)
  const clients = Array.from({ length: 160 }, (_, i) => (i % 3 === 0 ? office(100 + i) : mobile(i)))
  for (let day = 0; day < 3; day++) {
    for (let at = 8 * HOUR; at < 18 * HOUR; at += random.gap(80 * SECOND))
      ordinaryCall(random, on, main, random.pick(clients), MONDAY + day * DAY + at)
    for (let at = 8 * HOUR; at < 18 * HOUR; at += random.gap(103 * SECOND))
      ordinaryCall(random, on, random.pick(clients), main, MONDAY + day * DAY + at)
  }
  assertHarmless(play(on))
})

test('a call centre that answers three thousand strangers a day, from the first minute', () => {
  const random = randomOf(2)
  const on = traffic()
  for (let at = 8 * HOUR; at < 20 * HOUR; at += random.gap(14 * SECOND)) {
    const answered = random.chance(0.85)
    on.call(
      mobile(random.whole(0, 400_000)),
      office(2),
      MONDAY + at,
      answered ? { talkS: random.gap(240) + 20 } : { status: 487, ringS: 40, by: 'origin' },
    )
  }
  assertHarmless(play(on))
})

test('a televised vote: two hundred calls a minute to one line that answers them all', () => {
  const random = randomOf(3)
  const on = traffic()
  for (let at = 0; at < 15 * MINUTE; at += random.gap(300))
    on.call(mobile(random.whole(0, 50_000)), office(3), MONDAY + 20 * HOUR + at, { talkS: 15, ringS: 1 })
  assertHarmless(play(on))
})

test("a surgery's reminders: sixty texts within minutes, names and times changed, and some patients call", () => {
  const random = randomOf(4)
  const on = traffic()
  const names = ['Anna', 'Karim', 'Sofia', 'Paul', 'Ines', 'Marc', 'Lea', 'Hugo']
  for (let day = 0; day < 3; day++) {
    for (let i = 0; i < 60; i++) {
      const text = `Bonjour ${random.pick(names)}, rappel de votre rendez-vous chez le Dr Martin demain a ${random.whole(8, 18)}h${random.pick(['00', '15', '30', '45'])}. Pour annuler, appelez le cabinet.`
      on.message(office(4), mobile(day * 60 + i), MONDAY + day * DAY + 9 * HOUR + i * 6 * SECOND, text)
    }
    for (let i = 0; i < 25; i++)
      ordinaryCall(
        random,
        on,
        mobile(day * 60 + i),
        office(4),
        MONDAY + day * DAY + 9.5 * HOUR + random.between(0, 6 * HOUR),
      )
    for (let i = 0; i < 20; i++)
      ordinaryCall(
        random,
        on,
        office(4),
        mobile(day * 60 + i),
        MONDAY + day * DAY + 14 * HOUR + random.between(0, 3 * HOUR),
      )
  }
  assertHarmless(play(on))
})

test('five hundred people who call and write to their friends for a week', () => {
  const random = randomOf(5)
  const on = traffic()
  const chats = [
    'ok see you at 7',
    'on arrive dans 10 min',
    'did you get my mail?',
    'happy birthday!!',
    'ja klar, bis morgen',
    'haha yes',
    'rappelle moi stp',
  ]
  for (let person = 0; person < 500; person++) {
    const friends = Array.from({ length: random.whole(3, 14) }, () =>
      mobile((person + random.whole(-40, 40) + 500) % 500),
    )
    for (let at = random.gap(4 * HOUR); at < 7 * DAY; at += random.gap(5 * HOUR)) {
      const friend = random.pick(friends)
      if (friend === mobile(person)) continue
      if (random.chance(0.45)) ordinaryCall(random, on, mobile(person), friend, MONDAY + at)
      else on.message(mobile(person), friend, MONDAY + at, `${random.pick(chats)} ${random.whole(1, 9_999)}`)
    }
  }
  assertHarmless(play(on))
})

test('New Year: forty friends get one greeting within five minutes, and most answer with theirs', () => {
  const random = randomOf(6)
  const on = traffic()
  for (let person = 0; person < 20; person++)
    for (let i = 0; i < 40; i++) {
      const friend = mobile(1_000 + person * 40 + i)
      const at = MONDAY + person * MINUTE + i * 7 * SECOND
      on.message(
        mobile(person),
        friend,
        at,
        `Happy New Year from all of us! Health and joy to you and your family, love, person ${person}`,
      )
      if (random.chance(0.7))
        on.message(
          friend,
          mobile(person),
          at + random.between(10 * SECOND, HOUR),
          `Thank you, happy new year to you too ${i}`,
        )
    }
  assertHarmless(play(on))
})

test('a courier who calls seventy customers a day, once each; one in six calls back', () => {
  const random = randomOf(7)
  const on = traffic()
  for (let day = 0; day < 12; day++)
    for (let i = 0; i < 70; i++) {
      const customer = mobile(10_000 + day * 70 + i)
      const at = MONDAY + day * DAY + 8 * HOUR + i * 8 * MINUTE + random.between(0, 5 * MINUTE)
      if (random.chance(0.7)) on.call(mobile(7), customer, at, { talkS: random.between(12, 60) })
      else on.call(mobile(7), customer, at, { status: 480, ringS: 22 })
      if (random.chance(1 / 6)) ordinaryCall(random, on, customer, mobile(7), at + random.between(2 * MINUTE, HOUR))
    }
  assertHarmless(play(on))
})

test('a school that calls forty parents about snow in half an hour, and is called by as many', () => {
  const random = randomOf(8)
  const on = traffic()
  for (let i = 0; i < 40; i++) {
    ordinaryCall(random, on, office(8), mobile(i), MONDAY + 7 * HOUR + i * 45 * SECOND)
    ordinaryCall(random, on, mobile(40 + i), office(8), MONDAY + 7 * HOUR + i * 40 * SECOND)
  }
  assertHarmless(play(on))
})

test('a bank that sends a code to each who asks, hundreds of them', () => {
  const random = randomOf(9)
  const on = traffic()
  for (let i = 0; i < 400; i++) {
    const at = MONDAY + 9 * HOUR + i * 12 * SECOND
    on.message('MyBank', mobile(i * 3), at, `Your code is ${random.whole(100_000, 999_999)}. Never give it to anybody.`)
  }
  assertHarmless(play(on))
})

test('trunks that keep alive, and a telephone with a wrong password', () => {
  const on = traffic()
  for (let at = 0; at < 6 * HOUR; at += 10 * SECOND)
    on.add({
      kind: 'probe',
      method: 'OPTIONS',
      from: { party: 'ip:198.51.100.9' },
      time: MONDAY + at,
      status: 200,
      agent: 'Asterisk PBX 20.5',
    })
  for (let at = 0; at < 6 * HOUR; at += 5 * SECOND)
    on.add({
      kind: 'registration',
      outcome: 'failed',
      status: 403,
      from: { party: mobile(3) },
      time: MONDAY + at,
      agent: 'Yealink SIP-T46S',
    })
  assertHarmless(play(on))
})
