import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Activity, ActivityKind } from '../../../engine/activity/index.ts'
import { type ActivityFacts, createBehaviour, featureIndex } from '../../../engine/features/index.ts'

const NOON = Date.UTC(2026, 2, 10, 12)
const SELF = '+33612000000'

/** One party's story, told by the party's own copies of what happens. */
function story() {
  const behaviour = createBehaviour()
  let sequence = 0
  let now = NOON
  return {
    behaviour,
    pass(seconds: number) {
      now += seconds * 1000
    },
    does<K extends ActivityKind>(kind: K, to: string, more: object = {}, facts?: ActivityFacts) {
      return behaviour.observe(record(kind, SELF, to, 'origin', more), facts)
    },
    gets<K extends ActivityKind>(kind: K, from: string, more: object = {}) {
      return behaviour.observe(record(kind, from, SELF, 'target', more))
    },
    read: (name: string) => behaviour.read(featureIndex(name)!),
  }

  function record(kind: ActivityKind, from: string, to: string, role: 'origin' | 'target', more: object): Activity {
    sequence++
    const common = {
      id: `s${sequence}`,
      role,
      kind,
      time: now,
      from: { party: from },
      to: { party: to },
      route: { tap: 't' },
    }
    return { ...common, ...more } as Activity
  }
}

const peer = (n: number) => `+447700${String(900000 + n * 37)}`

test('an activity counted once stays counted once, however often and from whichever tap it comes', () => {
  const { behaviour, does, read } = story()
  const activity: Activity = {
    id: 'x',
    role: 'origin',
    kind: 'call.attempt',
    time: NOON,
    from: { party: SELF },
    to: { party: peer(1) },
    route: { tap: 'a' },
  }
  assert.equal(behaviour.observe(activity).duplicate, false)
  const again = behaviour.observe({ ...activity, route: { tap: 'b' } })
  assert.equal(again.duplicate, true)
  assert.equal(again.activities, 1)
  assert.equal(read('calls_1h'), 1)
  // The target's copy has the same id and is another event.
  assert.equal(behaviour.observe({ ...activity, role: 'target' }).duplicate, false)
  assert.equal(read('calls_in_1h'), 1)
  does('call.attempt', peer(2))
  assert.equal(read('calls_1h'), 2)
  assert.equal(behaviour.counts().duplicates, 1)
})

test('a party without a target record is served: its first call has all features', () => {
  const { does, read } = story()
  const seen = does('call.attempt', peer(1))
  assert.deepEqual([seen.firstMs, seen.lastMs, seen.activities], [NOON, NOON, 1])
  assert.equal(read('new_target_ratio_1h'), 1)
  assert.equal(read('outgoing_share_30d'), 1)
  assert.equal(read('gap_cv'), 1)
  assert.equal(read('days_active_30d'), 1)
})

test('calls under way: lost BYEs never make the count negative nor keep it up for ever', () => {
  const { does, pass, read } = story()
  for (let n = 0; n < 5; n++) does('call.attempt', peer(n))
  assert.equal(read('concurrent_calls'), 5)
  pass(30)
  does('call.ended', peer(0), { duration: 20, ringing: 10, endedBy: 'origin' })
  does('call.failed', peer(1), { status: 486, ringing: 5, endedBy: 'target' })
  assert.equal(read('concurrent_calls'), 3)
  // Ends of calls that were never seen to begin.
  for (let n = 0; n < 6; n++) does('call.ended', peer(n), { duration: 10, endedBy: 'origin' })
  assert.equal(read('concurrent_calls'), 0)
  for (let n = 0; n < 4; n++) does('call.attempt', peer(n))
  pass(4 * 3600 + 1)
  does('call.attempt', peer(9))
  assert.equal(read('concurrent_calls'), 1)
})

test('dialling one number after another is seen, dialling friends is not', () => {
  const dialler = story()
  for (let n = 0; n < 20; n++) dialler.does('call.attempt', `+33145000${String(100 + n * 3)}`)
  assert.equal(dialler.read('sequential_10m'), 19)
  assert.ok(dialler.read('sequential_ratio_10m') > 0.9)
  assert.ok(dialler.read('same_block_ratio_1h') > 0.9)
  const friend = story()
  for (let n = 0; n < 20; n++) friend.does('call.attempt', peer((n * 13) % 7))
  assert.equal(friend.read('sequential_10m'), 0)
})

test('two lines dialling downwards in turn are sequential as well', () => {
  const { does, read } = story()
  for (let n = 0; n < 10; n++) {
    does('call.attempt', `+4930${1_000_500 - n}`)
    does('call.attempt', `+4940${7_000_900 - 2 * n}`)
  }
  assert.equal(read('sequential_1h'), 18)
})

test('reciprocity tells who is called back from who never is', () => {
  const { does, gets, read } = story()
  for (let n = 0; n < 8; n++) does('call.attempt', peer(n))
  assert.equal(read('reciprocity_30d'), 0)
  for (let n = 0; n < 4; n++) gets('call.attempt', peer(n))
  assert.equal(read('reciprocity_30d'), 0.5)
  assert.equal(read('callbacks_in_1h'), 4)
  assert.equal(read('new_origins_1h'), 0)
  assert.equal(read('reply_share_24h'), 0.5)
  assert.ok(Math.abs(read('outgoing_share_24h') - 8 / 12) < 1e-6)
  assert.equal(read('incoming_share_24h') + read('outgoing_share_24h'), 1)
})

test('a storm of strangers shows on the one who is called, and not as its own doing', () => {
  const { gets, read } = story()
  for (let n = 0; n < 60; n++) gets('call.attempt', peer(n))
  assert.equal(read('calls_in_10m'), 60)
  assert.equal(read('new_origins_1h'), 60)
  assert.ok(Math.abs(read('distinct_origins_10m') - 60) < 12)
  for (const name of ['calls_10m', 'distinct_targets_24h', 'outgoing_share_30d', 'concurrent_calls'])
    assert.equal(read(name), 0, name)
})

test('wangiri: calls given up after a short ring are missed calls, those that rang long are not', () => {
  const { does, gets, read } = story()
  for (let n = 0; n < 10; n++) {
    does('call.attempt', peer(n))
    does('call.failed', peer(n), { status: 487, ringing: n < 8 ? 2 : 40, endedBy: 'origin' })
  }
  assert.equal(read('missed_calls_10m'), 8)
  assert.equal(read('missed_ratio_1h'), 0.8)
  assert.equal(read('answer_ratio_1h'), 0)
  gets('call.failed', peer(1), { status: 487, ringing: 3, endedBy: 'origin' })
  gets('call.failed', peer(2), { status: 603, ringing: 3, endedBy: 'target' })
  assert.equal(read('missed_in_1h'), 1)
})

test('a machine is regular, a person is not', () => {
  const machine = story()
  const person = story()
  for (let n = 0; n < 60; n++) {
    machine.pass(6)
    machine.does('call.attempt', peer(n))
    person.pass(1 + ((n * n * 7919) % 601))
    person.does('call.attempt', peer(n))
  }
  assert.ok(machine.read('gap_cv') < 0.1)
  assert.ok(person.read('gap_cv') > 0.4)
})

test('number facts count unassigned, premium, foreign and neighbouring targets', () => {
  const { does, read } = story()
  const own = { valid: true, type: 'mobile', country: 'FR' }
  const facts = (to: ActivityFacts['to'], neighbourDigits = 3): ActivityFacts => ({ from: own, to, neighbourDigits })
  does('call.attempt', peer(1), {}, facts({ valid: false, type: '', country: '' }))
  does('call.attempt', peer(2), {}, facts({ valid: true, type: 'premium', country: 'LV' }))
  does('call.attempt', peer(3), {}, facts({ valid: true, type: 'mobile', country: 'GB' }))
  does('call.attempt', peer(4), {}, facts({ valid: true, type: 'mobile', country: 'FR' }, 9))
  assert.equal(read('unassigned_targets_1h'), 1)
  assert.equal(read('premium_targets_24h'), 1)
  assert.equal(read('international_share_1h'), 0.5)
  assert.equal(read('neighbour_share_1h'), 0.25)
  assert.ok(read('country_entropy_24h') > 0.9)
})

test('talk profile: mean, variation, short calls, who hangs up', () => {
  const { does, pass, read } = story()
  for (let n = 0; n < 12; n++) {
    does('call.attempt', peer(n))
    pass(200)
    does('call.ended', peer(n), {
      duration: n % 2 === 0 ? 100 : 4,
      ringing: 8,
      endedBy: n % 4 === 0 ? 'origin' : 'target',
    })
  }
  assert.ok(Math.abs(read('talk_time_mean_30d') - 52) < 1)
  assert.ok(Math.abs(read('talk_time_cv_30d') - 48 / 52) < 0.05)
  assert.ok(Math.abs(read('short_call_share_30d') - 0.5) < 1e-4)
  assert.ok(Math.abs(read('hangup_by_origin_share_30d') - 0.25) < 1e-4)
  assert.equal(read('ring_time_mean_30d'), 8)
  assert.equal(read('talk_time_24h'), 624)
})

test('a slow profile fades with its thirty days and counts active days and hours', () => {
  const { does, pass, read } = story()
  for (let day = 0; day < 10; day++) {
    does('call.attempt', peer(day))
    pass(3 * 86_400)
  }
  does('call.attempt', peer(1))
  assert.equal(read('days_active_30d'), 10)
  assert.equal(read('hours_active_30d'), 1)
  assert.equal(read('age_days'), 30)
  assert.ok(read('contacts_30d') > 4)
})

test('an account in two hands: changes of agent and sources', () => {
  const { does, read } = story()
  for (let n = 0; n < 6; n++)
    does('registration', SELF, {
      status: 200,
      outcome: 'accepted',
      agent: n % 2 === 0 ? 'phone' : 'robot',
      route: { tap: 't', peer: `192.0.2.${n % 3}` },
    })
  assert.equal(read('agent_changes_24h'), 5)
  assert.ok(read('sources_24h') >= 1.9 && read('sources_24h') < 4)
})

test('608 is no complaint: another engine must not echo ours', () => {
  const { does, read } = story()
  for (const source of ['608', 'report', 'analyst'] as const) does('feedback', peer(1), { source, opinion: 'spam' })
  does('feedback', peer(1), { source: 'analyst', opinion: 'ham' })
  assert.equal(read('complaints_24h'), 2)
  assert.equal(read('complaints_30d'), 2)
})

test('a text sent on to others is repeated, sent again to the same one it is not, and becomes a campaign', () => {
  const { does, gets, read, behaviour } = story()
  const text = (amount: number, link: string) => ({
    content: {
      type: 'text/plain',
      text: `Votre colis est en attente, réglez ${amount},99 EUR de frais de douane sur ${link} aujourd'hui`,
    },
  })
  does('message', peer(1), text(1, 'http://a.example/x'))
  does('message', peer(1), text(1, 'http://a.example/x'))
  assert.equal(read('repeated_texts_1h'), 0)
  assert.equal(read('campaign_messages'), 0)
  for (let n = 2; n < 12; n++) does('message', peer(n), text(n, `http://b${n}.example/y`))
  assert.equal(read('repeated_texts_1h'), 10)
  assert.equal(read('links_1h'), 12)
  const last = does('message', peer(20), text(7, 'http://c.example'))
  assert.equal(read('campaign_origins'), 1)
  assert.ok(read('campaign_messages') >= 11)
  const campaign = behaviour.campaign(last.campaign)
  assert.equal(campaign.firstSeen, NOON)
  assert.match(campaign.sample ?? '', /colis/)
  does('message', peer(3), { content: { type: 'text/plain', text: 'ok' } })
  assert.equal(read('campaign_messages'), 0)
  gets('message', peer(5), { content: { type: 'text/plain', text: 'Your code is 123456' } })
  assert.equal(read('otp_messages_in_1h'), 1)
})
