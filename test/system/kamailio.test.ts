import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Activity, Verdict } from '../../engine/activity/index.ts'
import { type CallRig, openCallRig } from '../support/call-rig.ts'
import { needs } from '../support/peers.ts'
import {
  type RunningRingfence,
  readActivities,
  readReputations,
  readVerdicts,
  startRingfence,
} from '../support/ringfence.ts'
import { eventually, freeTcpPort, freeUdpPort } from '../support/sockets.ts'
import type { CallOutcome, PlannedCall } from '../traffic/plan.ts'

const WANGIRI = '+2693212345'

const outcomes: readonly CallOutcome[] = [
  'caller-hangs-up',
  'callee-hangs-up',
  'busy',
  'declined',
  'absent',
  'unknown',
  'given-up',
]

/** Calls of all outcomes in turn, from a handful of callers, 25 a second. */
function mixedCalls(count: number): PlannedCall[] {
  return Array.from({ length: count }, (_, index) => ({
    entry: 'access',
    atMs: index * 40,
    from: { number: `+3360000${String(2_000 + (index % 9))}`, name: 'Caller', agent: 'SIPp' },
    to: `+33199${String(4_000 + index).padStart(6, '0')}`,
    dialled:
      index % 3 === 0
        ? `0199${String(4_000 + index).padStart(6, '0')}`
        : `+33199${String(4_000 + index).padStart(6, '0')}`,
    outcome: outcomes[index % outcomes.length]!,
    delayMs: 20,
    ringMs: 300,
    talkMs: 500,
  }))
}

/** One number that rings many briefly, as wangiri does. */
function oneRings(count: number, from: number): PlannedCall[] {
  return Array.from({ length: count }, (_, index) => ({
    entry: 'wangiri',
    atMs: index * 60,
    from: { number: WANGIRI, name: '', agent: 'Sippy' },
    to: `+33600${String(10_000 + (from + index) * 97).padStart(6, '0')}`,
    dialled: `+33600${String(10_000 + (from + index) * 97).padStart(6, '0')}`,
    outcome: 'given-up',
    delayMs: 20,
    ringMs: 400,
    talkMs: 0,
  }))
}

const ofOrigin = (activities: readonly Activity[], kind: Activity['kind']) =>
  activities.filter(activity => activity.role === 'origin' && activity.kind === kind)

function countsOf(activities: readonly Activity[]) {
  return {
    attempts: ofOrigin(activities, 'call.attempt').length,
    answers: ofOrigin(activities, 'call.answered').length,
    ends: ofOrigin(activities, 'call.ended').length,
    failures: ofOrigin(activities, 'call.failed').length,
  }
}

const isAttempt = ({ kind }: Verdict) => kind === 'call.attempt'

/** Counts over ten minutes that a verdict's reasons quote, by feature. */
function countsInEvidence(verdict: Verdict | undefined): [string, number][] {
  const quoted = (verdict?.reasons ?? []).flatMap(({ evidence }) => Object.entries(evidence))
  return quoted.filter(
    (pair): pair is [string, number] => typeof pair[1] === 'number' && /(calls|targets)_10m$/.test(pair[0]),
  )
}

/** What is held against the caller of `oneRings`. */
async function standingOf(folder: string) {
  return (await readReputations(folder)).findLast(({ party }) => party === WANGIRI)
}

interface Scene {
  readonly rig: CallRig
  readonly folder: string
  readonly start: () => Promise<RunningRingfence>
}

/** A Kamailio that mirrors to a port of ours, and a Ringfence that can be started there, again and again. */
async function withScene(play: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-system-'))
  const [hepPort, httpPort] = [await freeUdpPort(), await freeTcpPort()]
  const rig = await openCallRig({ collectorPort: hepPort })
  const started: RunningRingfence[] = []
  const start = async () => {
    const ringfence = await startRingfence({ folder, hepPort, httpPort })
    started.push(ringfence)
    return ringfence
  }
  try {
    await play({ rig, folder, start })
  } finally {
    for (const ringfence of started) await ringfence.kill()
    await rig.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Waits until this many attempts have their verdict on the log. */
async function untilJudged(folder: string, attempts: number): Promise<void> {
  await eventually(`${attempts} attempts are judged`, async () => {
    return (await readVerdicts(folder)).filter(isAttempt).length >= attempts
  })
}

describe('Kamailio with siptrace, SIPp placing calls', { skip: needs('kamailio', 'sipp') }, () => {
  it('gives an activity and a verdict for every call, as many as SIPp counts', async () => {
    await withScene(async ({ rig, folder, start }) => {
      const ringfence = await start()
      const counted = await rig.place('mixed', mixedCalls(70))
      assert.equal(counted.attempts, 70)
      await untilJudged(folder, counted.attempts)
      assert.equal(await ringfence.stop(), 0)

      const activities = await readActivities(folder)
      assert.deepEqual(countsOf(activities), counted)
      const ids = activities.map(({ id, role }) => `${id} ${role}`)
      assert.equal(new Set(ids).size, ids.length, 'both legs of a call are one activity')
      const judged = new Set((await readVerdicts(folder)).map(({ activity }) => activity))
      const unjudged = ofOrigin(activities, 'call.attempt').filter(({ id }) => !judged.has(id))
      assert.deepEqual(unjudged, [])
    })
  })

  it('sees who called whom, as it was dialled abroad or at home', async () => {
    await withScene(async ({ rig, folder, start }) => {
      const ringfence = await start()
      const calls = mixedCalls(14)
      await rig.place('parties', calls)
      await untilJudged(folder, calls.length)
      await ringfence.stop()
      const seen = ofOrigin(await readActivities(folder), 'call.attempt').map(
        ({ from, to }) => `${from.party} ${to?.party}`,
      )
      assert.deepEqual(seen.sort(), calls.map(({ from, to }) => `${from.number} ${to}`).sort())
    })
  })

  it('goes on where it was after kill -9: no call lost or counted twice, reputation kept', async () => {
    await withScene(async ({ rig, folder, start }) => {
      const before = await start()
      const first = await rig.place('before', oneRings(40, 0))
      await untilJudged(folder, first.attempts)
      await eventually('all of the first calls are on the log', async () => {
        const { attempts, failures } = countsOf(await readActivities(folder))
        return attempts === first.attempts && failures === first.failures
      })
      await before.kill()

      const judged = await readVerdicts(folder)
      const standing = await standingOf(folder)
      assert.notEqual(standing?.action ?? 'allow', 'allow')
      const after = await start()
      const second = await rig.place('after', oneRings(10, 40))
      await untilJudged(folder, first.attempts + second.attempts)
      assert.equal(await after.stop(), 0)

      const counts = countsOf(await readActivities(folder))
      assert.equal(counts.attempts, first.attempts + second.attempts)
      assert.equal(counts.failures, first.failures + second.failures)
      const verdicts = await readVerdicts(folder)
      const verdictIds = verdicts.filter(isAttempt).map(({ id }) => id)
      assert.equal(new Set(verdictIds).size, counts.attempts, 'one verdict a call, however often it was written')
      const [last, earlier] = [verdicts.findLast(isAttempt), judged.findLast(isAttempt)]
      assert.ok(earlier !== undefined && earlier.action !== 'allow', 'the caller was found out before the kill')
      assert.equal(last?.action, earlier.action, 'and is treated the same after it')
      const grown = countsInEvidence(last).filter(
        ([key, count]) => count > (new Map(countsInEvidence(earlier)).get(key) ?? count),
      )
      assert.ok(grown.length > 0, 'counts went on from where they were')
      const kept = await standingOf(folder)
      assert.notEqual(kept?.action ?? 'allow', 'allow')
      assert.equal(kept?.first, standing?.first, 'its reputation is the old one, not a new beginning')
    })
  })

  it('survives kill -9 in the middle of traffic: what was durable is judged once', async () => {
    await withScene(async ({ rig, folder, start }) => {
      const before = await start()
      const placing = rig.place('during', oneRings(60, 100))
      await eventually('some calls are on the log', async () => {
        const attempts = ofOrigin(await readActivities(folder), 'call.attempt').length
        return attempts >= 15
      })
      await before.kill()
      const durable = ofOrigin(await readActivities(folder), 'call.attempt').length
      const after = await start()
      await placing
      const last = await rig.place('later', oneRings(5, 300))
      await untilJudged(folder, durable + last.attempts)
      assert.equal(await after.stop(), 0)

      const attempts = ofOrigin(await readActivities(folder), 'call.attempt')
      const ids = attempts.map(({ id }) => id)
      assert.equal(new Set(ids).size, ids.length)
      const judged = new Set((await readVerdicts(folder)).map(({ activity }) => activity))
      assert.deepEqual(
        ids.filter(id => !judged.has(id)),
        [],
      )
    })
  })
})
