import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DAY, HOUR, MINUTE, MONDAY, mobile, type Outcome, office, play, randomOf, SECOND, traffic } from './traffic.ts'

/** The party is flagged after so many of its own events at most, for this reason among others; its victims are not. */
function assertCaught(outcome: Outcome, party: string, within: number, symbol: string): void {
  const found = outcome.flagged.get(party)
  assert.ok(found, `${party} was not flagged`)
  assert.ok(found.after <= within, `after ${found.after} events, not ${within}: ${found.symbols}`)
  assert.ok(found.symbols.includes(symbol), found.symbols.join(' '))
  const others = [...outcome.condemned].filter(other => other !== party)
  assert.deepEqual(others, [])
}

const NOON = MONDAY + 12 * HOUR

test('robocaller: cut off or not answered, within 25 calls', () => {
  const random = randomOf(11)
  const on = traffic()
  for (let i = 0, at = NOON; i < 80; i++, at += random.between(2, 5) * SECOND) {
    const cut = random.chance(0.45)
    on.call(
      office(11),
      mobile(i * 101),
      at,
      cut ? { talkS: random.between(1, 7) } : { status: random.pick([480, 486, 487]), ringS: 15 },
    )
  }
  assertCaught(play(on), office(11), 25, 'ROBOCALL')
})

test('robocaller that paces itself through the day, within 130 calls', () => {
  const random = randomOf(12)
  const on = traffic()
  for (let i = 0; i < 200; i++) {
    const at = MONDAY + 8 * HOUR + i * 3 * MINUTE + random.between(0, 90) * SECOND
    on.call(
      office(12),
      mobile(i * 101),
      at,
      random.chance(0.5) ? { talkS: random.between(1, 8) } : { status: 480, ringS: 20 },
    )
  }
  assertCaught(play(on), office(12), 130, 'ROBOCALL_SLOW')
})

test('sequential dialler, within 15 calls', () => {
  const on = traffic()
  for (let i = 0; i < 40; i++)
    on.call(office(13), `+331990020${String(i + 10)}`, NOON + i * 9 * SECOND, { status: 404, ringS: 0.1 })
  assertCaught(play(on), office(13), 15, 'SEQUENTIAL_DIALLING')
})

test('random dialler into numbers that do not exist, within 45 calls', () => {
  const random = randomOf(14)
  const on = traffic()
  for (let i = 0; i < 90; i++)
    on.call(
      office(14),
      mobile(random.whole(0, 200_000)),
      NOON + i * 6 * SECOND,
      random.chance(0.5) ? { status: 404, ringS: 0.1 } : { talkS: 35 },
    )
  assertCaught(play(on), office(14), 45, 'INVALID_TARGETS')
})

test('wangiri, within 12 calls; who calls back is no victim twice', () => {
  const on = traffic()
  const caller = '+2693212345'
  for (let i = 0; i < 60; i++)
    on.call(caller, mobile(i * 71), NOON + i * 2 * SECOND, { status: 487, ringS: 1, by: 'origin' })
  for (let i = 0; i < 8; i++) on.call(mobile(i * 71), caller, NOON + 3 * MINUTE + i * 20 * SECOND, { talkS: 60 })
  assertCaught(play(on), caller, 12, 'WANGIRI')
})

test('wangiri that takes a day, within 40 calls', () => {
  const on = traffic()
  const caller = '+2693212346'
  for (let i = 0; i < 60; i++)
    on.call(caller, mobile(i * 71), MONDAY + i * 20 * MINUTE, { status: 487, ringS: 2, by: 'origin' })
  assertCaught(play(on), caller, 40, 'WANGIRI_SLOW')
})

test('fraud caller: strangers once each, long talks, nobody calls; within two days', () => {
  const random = randomOf(17)
  const on = traffic()
  for (let day = 0; day < 4; day++)
    for (let i = 0; i < 45; i++)
      on.call(
        mobile(17),
        mobile(20_000 + day * 45 + i),
        MONDAY + day * DAY + 9 * HOUR + i * 11 * MINUTE,
        random.chance(0.6) ? { talkS: random.gap(150) + 15 } : { status: 480, ringS: 22 },
      )
  assertCaught(play(on), mobile(17), 90, 'STRANGERS_ALL_DAY')
})

test('captured switchboard that calls premium numbers by night, within 25 calls', () => {
  const random = randomOf(18)
  const on = traffic()
  for (let i = 0; i < 60; i++)
    on.call(
      office(18),
      `+3389${random.pick(['1', '2', '7', '9'])}${String(100_000 + random.whole(0, 40) * 13).padStart(6, '0')}`,
      MONDAY + 2 * HOUR + i * 40 * SECOND,
      { talkS: 300, ringS: 1 },
    )
  assertCaught(play(on), office(18), 25, 'PREMIUM_PUMPING')
})

test('message blast with a link, within 20 messages', () => {
  const random = randomOf(19)
  const on = traffic()
  for (let i = 0; i < 60; i++) {
    const text = `Bonjour ${random.pick(['Luc', 'Anna', 'Karim', 'Ines'])}, votre colis est en attente: frais de ${random.whole(1, 3)},99 EUR sur http://suivi-${random.pick(['express', 'relais'])}.com/${random.whole(10_000, 99_999)}`
    on.message(mobile(19), mobile(30_000 + i * 7), NOON + i * 4 * SECOND, text)
  }
  assertCaught(play(on), mobile(19), 20, 'REPEATED_LINK')
})

test('message blast without a link, within 90 messages', () => {
  const on = traffic()
  for (let i = 0; i < 200; i++)
    on.message(
      mobile(20),
      mobile(40_000 + i * 7),
      NOON + i * 5 * SECOND,
      `Cheap loans without questions, ask for Mr ${i % 7} and say offer ${i % 5}. Money today!`,
    )
  assertCaught(play(on), mobile(20), 90, 'REPEATED_TEXT')
})

test('flood on one line, too busy to answer: it gets a shield, nobody is condemned', () => {
  const random = randomOf(21)
  const on = traffic()
  for (let i = 0; i < 300; i++)
    on.call(mobile(50_000 + random.whole(0, 5_000)), office(21), NOON + i * 800, {
      status: 486,
      ringS: 0.1,
      by: 'target',
    })
  const { shielded, condemned } = play(on)
  assert.equal(shielded.get(office(21)), 'tdos')
  assert.deepEqual([...condemned], [])
})

test('storm of call-backs at a spoofed number: a shield for the victim, nothing against it or the callers', () => {
  const random = randomOf(22)
  const on = traffic()
  const victim = mobile(22)
  for (let day = 0; day < 5; day++)
    for (let i = 0; i < 6; i++)
      on.call(mobile(23 + (i % 3)), victim, MONDAY + day * DAY + (9 + i) * HOUR, { talkS: 80 })
  for (let i = 0; i < 90; i++)
    on.call(
      mobile(60_000 + i),
      victim,
      MONDAY + 5 * DAY + 12 * HOUR + i * 30 * SECOND,
      random.chance(0.4) ? { talkS: 20 } : { status: 480, ringS: 20 },
    )
  // The victim, puzzled, calls some of them back.
  for (let i = 0; i < 20; i++)
    on.call(victim, mobile(60_000 + i), MONDAY + 5 * DAY + 14 * HOUR + i * 2 * MINUTE, { talkS: 40 })
  const { shielded, condemned, flagged } = play(on)
  assert.equal(shielded.get(victim), 'callbacks')
  assert.deepEqual([...condemned, ...flagged.keys()], [])
})

test('codes ordered for one number all day: it gets a shield', () => {
  const on = traffic()
  for (let i = 0; i < 40; i++)
    on.message(`Shop${i % 9}`, mobile(24), NOON + i * MINUTE, `Your verification code is ${100_000 + i * 7_919}`)
  const { shielded, condemned } = play(on)
  assert.equal(shielded.get(mobile(24)), 'ait')
  assert.deepEqual([...condemned], [])
})

test('scanner that does not announce itself, within 20 probes', () => {
  const on = traffic()
  const address = 'ip:203.0.113.66'
  for (let i = 0; i < 60; i++)
    on.add({ kind: 'probe', method: 'OPTIONS', from: { party: address }, time: NOON + i * 200, agent: 'pbx' })
  assertCaught(play(on), address, 20, 'PROBING')
})

test('guesser of passwords, within 20 registrations', () => {
  const on = traffic()
  const account = 'sip:1001@pbx.example'
  for (let i = 0; i < 60; i++)
    on.add({ kind: 'registration', outcome: 'failed', status: 403, from: { party: account }, time: NOON + i * 500 })
  assertCaught(play(on), account, 20, 'REGISTRATION_ATTACK')
})

test('SIM farm: each card sends six messages, the text gives them away', () => {
  const random = randomOf(27)
  const on = traffic()
  for (let i = 0; i < 240; i++) {
    const text = `URGENT: votre compte est bloque, ${random.pick(['Luc', 'Anna', 'Karim'])}. Payez ${random.whole(1, 9)},90 EUR: http://impots-gouv-${random.whole(10, 99)}.com/${random.whole(1_000, 9_999)}`
    on.message(mobile(70_000 + (i % 40)), mobile(80_000 + i), NOON + i * 3 * SECOND, text)
  }
  const { flagged } = play(on)
  const cards = [...flagged.keys()].filter(party => Number(party.slice(4)) >= 10_000_000 + 70_000 * 37)
  assert.ok(cards.length >= 35, `${cards.length} of 40 cards`)
})

test('one dialler behind changing numbers, two calls each: flagged from the 25th call on, neighbours of the block are not', () => {
  const random = randomOf(28)
  const on = traffic()
  const borrowed = (n: number) => `+3316200${String(2_000 + ((n * 37) % 900))}`
  const dialler = { agent: 'autodial/3', display: 'Service Client', route: { tap: 'test', trunk: 'ix-cheap' } }
  for (let i = 0; i < 60; i++) {
    const from = { party: borrowed(i >> 1), display: 'Service Client' }
    const fields = { ...dialler, from }
    const to = `+3361190${String(1_000 + i * 2)}`
    on.call(from.party, to, NOON + (i * 40 + random.between(0, 30)) * SECOND, { status: 487, ringS: 14 }, fields)
  }
  // An honest customer in the same block, behind a telephone of his own.
  for (let i = 0; i < 10; i++)
    on.call('+33162009999', mobile(95_000 + i), NOON + i * 11 * MINUTE + random.between(0, 300) * SECOND, { talkS: 90 })
  const { flagged, condemned } = play(on)
  for (let i = 25; i < 60; i++) assert.ok(flagged.get(borrowed(i >> 1))?.symbols.includes('CALL_CAMPAIGN'), `call ${i}`)
  assert.ok(!flagged.has('+33162009999') && !condemned.has('+33162009999'))
})
