import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { passportsOf } from '../../../cli/service/passport.ts'
import type { Origin } from '../../../engine/activity/index.ts'
import type { Verifier } from '../../../engine/passport/index.ts'
import { createScene, request } from '../../connectors/sip/scene.ts'
import { type Call, createWorld, identity, NOW_MS, ORIGID, type World } from '../../engine/passport/world.ts'

let world: World
before(async () => {
  world = await createWorld()
})
after(() => world.close())

/** A signed INVITE from Alice to Bob through the SIP reader and the real verifier; the origin that goes to the log. */
async function originOf(verifier: Verifier, call: Call = {}): Promise<Origin> {
  const header = await identity(world, call)
  const verify = passportsOf(verifier)
  assert.ok(verify)
  return new Promise(resolve => {
    const scene = createScene({}, { verify, emit: activity => resolve(activity.from) })
    const invite = request('INVITE', {
      from: '<sip:+33123456789@ims.example>',
      to: '<sip:+14155550100@gw.example>',
      uri: 'sip:+14155550100@gw.example',
      headers: [`Identity: ${header}`],
    })
    scene.see(0, invite, { timeMs: NOW_MS })
  })
}

describe('a signed call through a tap', () => {
  it('goes to the log with who vouches for it', async () => {
    const from = await originOf(world.verifier())
    assert.deepEqual(
      [from.party, from.asserted, from.attestation, from.origid, from.verification],
      ['+33123456789', 'passport', 'A', ORIGID, undefined],
    )
  })
  it('is not vouched for by a gateway, though its attestation is known', async () => {
    const from = await originOf(world.verifier(), { claims: { attest: 'C' } })
    assert.deepEqual([from.asserted, from.attestation], ['from', 'C'])
  })
  it('goes to the log with the reason when it does not verify', async () => {
    const from = await originOf(world.verifier(), { claims: { dest: { tn: ['14155550999'] } } })
    assert.deepEqual([from.asserted, from.verification], ['from', 'dest-mismatch'])
  })
  it('goes to the log without, and is counted, when verification takes too long', async () => {
    const verifier = world.verifier({ deadlineMs: 5 }, { resolve: () => new Promise(() => {}) })
    const from = await originOf(verifier)
    assert.deepEqual([from.asserted, from.verification, verifier.counters.late], ['from', undefined, 1])
  })
  it('is not looked at where no anchor is configured', () => {
    assert.equal(passportsOf(undefined), undefined)
  })
})
