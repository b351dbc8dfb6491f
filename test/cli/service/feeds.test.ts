import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../support/sockets.ts'
import { type ServiceScene, startScene } from './scene.ts'

const SPAMMER = '+33199000099'

describe('from what people report to what the network is told', () => {
  let scene: ServiceScene
  before(async () => {
    scene = await startScene(['feeds: { atLeast: flag, rebuildSeconds: 1, stix: { kAnonymity: 2 } }'])
  })
  after(() => scene.close())

  const report = (reporter: string, id: string) =>
    scene.ask('POST', '/v1/feedback', { role: 'switch', body: { party: SPAMMER, opinion: 'spam', reporter, id } })
  const published = async (): Promise<string[]> => {
    const { status, body } = await scene.ask('GET', '/v1/feeds/blocklist.json', { role: 'switch' })
    return status === 200 ? body.entries.map((entry: { party: string }) => entry.party) : []
  }

  it('six people’s complaints publish a number, one person’s sixty do not', async () => {
    for (let i = 0; i < 60; i++) assert.equal((await report('+33612000000', `one-${i}`)).status, 202)
    await eventually('all sixty are read', async () => {
      const { body } = await scene.ask('GET', '/metrics')
      return /ringfence_activities_total\{kind="feedback",role="origin"\} 60/.test(body)
    })
    assert.deepEqual(await published(), [])
    const metrics = (await scene.ask('GET', '/metrics')).body as string
    assert.match(metrics, /^ringfence_complaints_total\{outcome="counted"\} 1$/m)
    assert.match(metrics, /^ringfence_complaints_total\{outcome="repeated"\} 59$/m)
    assert.match(metrics, /^ringfence_complaints_trust_total 0\.75$/m)
    for (let i = 1; i < 6; i++) await report(`+3361200000${i}`, `six-${i}`)
    await eventually('the number is published', async () => (await published()).includes(SPAMMER))
  })
  it('a denied number is published, and left out again when it is taken off the list', async () => {
    const change = (body: object) =>
      scene.ask('POST', '/v1/lists/deny', { role: 'analyst', body: { reason: 'test', ...body } })
    assert.equal((await change({ add: ['+33199000077'] })).status, 200)
    await eventually('it is published', async () => (await published()).includes('+33199000077'))
    assert.equal((await change({ remove: ['+33199000077'] })).status, 200)
    await eventually('it is left out', async () => !(await published()).includes('+33199000077'))
  })
  it('a regulator gets indicators without numbers', async () => {
    const { status, body } = await scene.ask('GET', '/v1/feeds/stix.json', { role: 'regulator' })
    assert.equal(status, 200)
    assert.equal(JSON.stringify(body).includes(SPAMMER), false)
  })
})
