import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openCallRig } from '../support/call-rig.ts'
import { needs } from '../support/peers.ts'
import { readActivities, readVerdicts, startRingfence } from '../support/ringfence.ts'
import { eventually, freeTcpPort, freeUdpPort } from '../support/sockets.ts'

/** One text in each of eight scripts, and what has to survive SIPp, Kamailio, HEP and the reader octet by octet. */
const texts = [
  'Dinner at eight?',
  'Vous êtes où ? Ça va être l’heure…',
  'Где ты? Позвони маме',
  'متى تصل؟ أنا في البيت',
  '你在干嘛啦？',
  'ถึงบ้านแล้วโทรมานะ',
  'आज शाम को मिलते हैं',
  'Πού είσαι, πες μου 🙂',
]

describe('SIPp sending MESSAGE through Kamailio with siptrace', { skip: needs('kamailio', 'sipp') }, () => {
  it('gives one message under both roles and one verdict for each, with its text as it was sent', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-texts-'))
    const [hepPort, httpPort] = [await freeUdpPort(), await freeTcpPort()]
    const rig = await openCallRig({ collectorPort: hepPort })
    const ringfence = await startRingfence({ folder, hepPort, httpPort })
    try {
      const from = { number: '+33600002000', name: 'Sender', agent: 'SIPp' }
      const sent = texts.map(
        (text, i) => ({ entry: 'access', atMs: i * 100, from, to: `+3360000300${i}`, text }) as const,
      )
      assert.equal(await rig.send('texts', sent), texts.length)
      await eventually('every message is judged', async () => (await readVerdicts(folder)).length >= texts.length)
      assert.equal(await ringfence.stop(), 0)

      const messages = (await readActivities(folder)).filter(activity => activity.kind === 'message')
      for (const role of ['origin', 'target'])
        assert.deepEqual(
          messages.filter(message => message.role === role).map(({ to, content }) => [to?.party, content?.text]),
          sent.map(({ to, text }) => [to, text]),
        )
      const judged = (await readVerdicts(folder)).map(({ activity, action }) => [activity, action])
      assert.deepEqual(
        judged,
        messages.filter(({ role }) => role === 'origin').map(({ id }) => [id, 'allow']),
      )
    } finally {
      await ringfence.kill()
      await rig.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
