import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Activity } from '../../engine/activity/index.ts'
import { openUdpRelay } from '../faults/udp-relay.ts'
import { type CallCounts, openCallRig, placeLoad } from '../support/call-rig.ts'
import { needs } from '../support/peers.ts'
import { readActivities, startRingfence } from '../support/ringfence.ts'
import { eventually, freeTcpPort, freeUdpPort, udpDrops } from '../support/sockets.ts'

const scenarios = fileURLToPath(new URL('../../../test/system/', import.meta.url))
const CALLS_PER_SECOND = 200
const SECONDS = 60
const faults = { loss: 0.03, duplication: 0.03, reordering: 0.03 }

/** What the activity log holds, in SIPp's terms. */
async function countActivities(folder: string): Promise<CallCounts> {
  const of = (kind: string, activities: readonly Activity[]) =>
    activities.filter(activity => activity.role === 'origin' && activity.kind === kind).length
  const activities = await readActivities(folder)
  return {
    attempts: of('call.attempt', activities),
    answers: of('call.answered', activities),
    ends: of('call.ended', activities),
    failures: of('call.failed', activities),
  }
}

/** On a busy machine neither tap nor network may starve: that would be another test. The relays live in this process. */
function prefer(): void {
  try {
    setPriority(-10)
  } catch {
    // Only root may: then it takes its turn.
  }
}

describe('calls through a network that loses, doubles and reorders datagrams', {
  skip: needs('kamailio', 'sipp'),
}, () => {
  it('counts attempts, answers, ends and failures as SIPp does, for a minute at 200 calls a second', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-load-'))
    const [hepPort, httpPort, calleesPort] = [await freeUdpPort(), await freeTcpPort(), await freeUdpPort()]
    const ringfence = await startRingfence({ folder, hepPort, httpPort, urgent: true })
    prefer()
    const delivery = await openUdpRelay(calleesPort, { ...faults, seed: 2 })
    const mirror = { collectorPort: hepPort, accessSideOnly: true }
    const rig = await openCallRig({ ...mirror, calleesPort, deliveryPort: delivery.port })
    const ended = new Set<string>()
    const access = await openUdpRelay(rig.edgePort, { ...faults, seed: 3 }, datagram => {
      const callId = /^BYE .*^Call-ID: (\S+)/ms.exec(datagram.toString('latin1'))?.[1]
      if (callId !== undefined) ended.add(callId)
    })
    try {
      const load = { calls: CALLS_PER_SECOND * SECONDS, callsPerSecond: CALLS_PER_SECOND, toPort: access.port }
      const counted = await placeLoad(rig, scenarios, load)
      assert.equal(counted.attempts, load.calls)
      assert.equal(counted.answers + counted.failures, load.calls, 'SIPp brought every call to its end')
      // An INVITE's 200 that comes again, out of order, passes for the BYE's with SIPp, which then stops to send a BYE that was
      // lost: one or two of 10,800 now and then. So what has ended is what Kamailio was sent a BYE of.
      assert.ok(
        ended.size > counted.ends - 20 && ended.size <= counted.ends,
        `SIPp ended ${counted.ends} calls, ${ended.size} by a BYE`,
      )
      assert.ok(access.counts().lost > load.calls / 20, 'the network was bad')
      const lost = udpDrops(hepPort)
      assert.equal(
        lost,
        0,
        `the kernel dropped ${lost} mirrored datagrams: raise net.core.rmem_max, or free the machine`,
      )
      // SIPp is content with the last answer before Kamailio has mirrored it: nothing more must come for half a second.
      let received = -1
      await eventually(
        'the tap has read what was mirrored',
        async () => {
          const before = received
          received = await ringfence.metric('ringfence_tap_received_total')
          return received === before && (await ringfence.metric('ringfence_tap_queue_activities')) === 0
        },
        { everyMs: 500 },
      )
      assert.equal(await ringfence.stop(), 0)
      assert.deepEqual(await countActivities(folder), { ...counted, ends: ended.size })
    } finally {
      await ringfence.kill()
      await rig.close()
      await access.close()
      await delivery.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
