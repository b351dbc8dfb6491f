import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { it } from 'node:test'
import { readActivities } from '../../../cli/replay/read.ts'
import type { Activity } from '../../../engine/activity/index.ts'
import { feedbackDefaults } from '../../../engine/feedback/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { request } from '../../connectors/sip/scene.ts'
import { ethernet, ipv4, pcapFile, udp } from '../../support/packets.ts'

const party = (number: string) => `<sip:${number}@ims.example;user=phone>`
const [SPAMMER, VICTIM] = ['+33699999999', '+33612345678']

it('reports by star code and by message are read out of a capture, as by a live tap', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-reports-'))
  try {
    const text = { headers: ['Content-Type: text/plain'], body: 'You won! Call 0899123456' }
    const messages = [
      request('INVITE', { callId: 'a', from: party(SPAMMER), to: party(VICTIM), uri: `sip:${VICTIM}@ims.example` }),
      request('INVITE', { callId: 'b', from: party(VICTIM), to: '<sip:*77@ims.example>', uri: 'sip:*77@ims.example' }),
      request('MESSAGE', {
        callId: 'c',
        from: party(SPAMMER),
        to: party(VICTIM),
        uri: `sip:${VICTIM}@ims.example`,
        ...text,
      }),
      request('MESSAGE', {
        callId: 'd',
        from: party(VICTIM),
        to: '<sip:7726@ims.example>',
        uri: 'sip:7726@ims.example',
        ...text,
      }),
    ]
    const file = join(folder, 'reports.pcap')
    writeFileSync(file, pcapFile(messages.map(message => ethernet(ipv4(udp(message), { protocol: 17 })))))
    const read = async (more: object) => {
      const activities: Activity[] = []
      await readActivities([file], {
        identity: createIdentity({ defaultCountry: 'FR' }),
        onActivity: activity => activities.push(activity),
        onDropped: () => {},
        progress: new PassThrough() as never,
        ...more,
      })
      return activities.filter(activity => activity.kind === 'feedback')
    }
    const reports = await read({ feedback: { ...feedbackDefaults, reportCodes: ['7726'], starCodes: ['*77'] } })
    assert.deepEqual(
      reports.map(each => [each.source, each.from.party, each.to?.party, each.trust]),
      [
        ['star-code', SPAMMER, VICTIM, 1],
        ['report', SPAMMER, VICTIM, 1],
      ],
    )
    assert.deepEqual(await read({ feedback: feedbackDefaults }), [])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
