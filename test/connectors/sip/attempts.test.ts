import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createScene, request, response, type Scene, T0 } from './scene.ts'

const digest = 'Authorization: Digest username="alice", realm="x", nonce="n", uri="sip:x", response="6629fae49393"'

/** INVITE, 200 after a second, ACK. */
function answered(scene: Scene): void {
  scene.see(0, request('INVITE'))
  scene.see(1000, response(200, 'INVITE'))
  scene.see(30, request('ACK', { toTag: 'tt', branch: 'ack' }))
}

describe('challenges and redirections', () => {
  it('count the challenged INVITE and the one with credentials as one attempt', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(10, response(401, 'INVITE'))
    scene.see(1, request('ACK', { toTag: 'tt' }))
    scene.see(20, request('INVITE', { cseq: 2, branch: 'c', headers: [digest] }))
    scene.see(500, response(180, 'INVITE', { cseq: 2, branch: 'c' }))
    scene.see(500, response(200, 'INVITE', { cseq: 2, branch: 'c' }))
    assert.deepEqual(scene.kinds(), ['call.attempt origin', 'call.attempt target', 'call.answered origin'])
  })

  it('give one id to both even where each was seen by another tap', () => {
    const first = createScene()
    first.see(0, request('INVITE'))
    const second = createScene({}, { tap: 'tap-2' })
    second.see(30, request('INVITE', { cseq: 2, branch: 'c', headers: [digest] }))
    assert.equal(first.only('call.attempt').id, second.only('call.attempt').id)
  })

  it('in a row, by a proxy and then by the server, are still one attempt', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(10, response(407, 'INVITE'))
    scene.see(20, request('INVITE', { cseq: 2, branch: 'c', headers: [`Proxy-${digest}`] }))
    scene.see(10, response(401, 'INVITE', { cseq: 2, branch: 'c' }))
    scene.see(20, request('INVITE', { cseq: 3, branch: 'd', headers: [`Proxy-${digest}`, digest] }))
    scene.see(500, response(486, 'INVITE', { cseq: 3, branch: 'd' }))
    assert.deepEqual(scene.kinds(), ['call.attempt origin', 'call.attempt target', 'call.failed origin'])
  })

  it('that nobody answers are a failed attempt and a probe by the source address', () => {
    const scene = createScene()
    scene.see(0, request('INVITE', { headers: ['User-Agent: friendly-scanner'] }))
    scene.see(10, response(401, 'INVITE'))
    scene.wait(65_000)
    assert.equal(scene.only('call.failed').status, 401)
    const probe = scene.only('probe')
    assert.deepEqual(
      [probe.from.party, probe.method, probe.status, probe.agent],
      ['ip:203.0.113.7', 'INVITE', 401, 'friendly-scanner'],
    )
  })

  it('that nobody answers are given out when the source ends', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(10, response(401, 'INVITE'))
    scene.observer.close()
    assert.equal(scene.only('call.failed').status, 401)
  })

  it('that are answered only after the wait is over begin a new attempt, with ids of its own', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(10, response(401, 'INVITE'))
    scene.wait(65_000)
    scene.see(1000, request('INVITE', { cseq: 2, branch: 'c', headers: [digest] }))
    scene.see(10, response(486, 'INVITE', { cseq: 2, branch: 'c' }))
    for (const kind of ['call.attempt', 'call.failed']) {
      const ids = scene.emitted
        .filter(activity => activity.kind === kind && activity.role === 'origin')
        .map(({ id }) => id)
      assert.equal(new Set(ids).size, 2, kind)
    }
    assert.equal(scene.observer.stats.liveCalls, 0)
  })

  it('follow a redirection to the next target', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(10, response(302, 'INVITE', { headers: ['Contact: <sip:+33699999999@ims.example>'] }))
    scene.see(20, request('INVITE', { cseq: 2, branch: 'c', uri: 'sip:+33699999999@ims.example' }))
    scene.see(500, response(200, 'INVITE', { cseq: 2, branch: 'c' }))
    assert.deepEqual(scene.kinds(), ['call.attempt origin', 'call.attempt target', 'call.answered origin'])
  })

  it('fail with the redirection where it is not followed', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(10, response(302, 'INVITE'))
    scene.wait(65_000)
    assert.equal(scene.only('call.failed').status, 302)
  })
})

describe('a capture that begins in the middle', () => {
  it('invents no call from a re-INVITE, its responses or a BYE', () => {
    const scene = createScene()
    scene.see(0, request('INVITE', { toTag: 'tt', cseq: 7 }))
    scene.see(10, response(200, 'INVITE', { cseq: 7 }))
    scene.see(10, request('ACK', { toTag: 'tt', cseq: 7, branch: 'k' }))
    scene.see(900, request('BYE', { toTag: 'tt', cseq: 8, branch: 'b' }))
    scene.see(10, response(200, 'BYE', { cseq: 8, branch: 'b' }))
    scene.wait(1_000_000)
    assert.deepEqual(scene.kinds(), [])
  })
})

describe('a back-to-back agent', () => {
  const second = { callId: 'leg-2', fromTag: 'l2', branch: 'z' }
  it('has its second leg joined by X-CID', () => {
    const scene = createScene({ legHeader: 'X-CID' })
    scene.see(0, request('INVITE'))
    scene.see(10, request('INVITE', { ...second, headers: ['X-CID: call-1@198.51.100.2'] }))
    scene.see(500, response(200, 'INVITE', second))
    scene.see(1, response(200, 'INVITE'))
    scene.see(1, request('BYE', { ...second, toTag: 'tt', cseq: 2 }))
    assert.deepEqual(scene.kinds(), ['call.attempt origin', 'call.attempt target', 'call.answered origin'])
    scene.see(1, request('BYE', { toTag: 'tt', cseq: 2, branch: 'b' }))
    assert.equal(scene.only('call.ended').endedBy, 'origin')
  })

  it('has its second leg joined by Session-ID (RFC 7989)', () => {
    const scene = createScene({ legHeader: 'Session-ID' })
    const header = 'Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000'
    scene.see(0, request('INVITE', { headers: [header] }))
    scene.see(10, request('INVITE', { ...second, headers: [header] }))
    scene.see(10, request('INVITE', { callId: 'other', fromTag: 'o' }))
    assert.equal(scene.emitted.filter(({ kind, role }) => kind === 'call.attempt' && role === 'origin').length, 2)
  })

  it('is two calls where no header is configured', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(10, request('INVITE', { ...second, headers: ['X-CID: call-1@198.51.100.2'] }))
    assert.equal(scene.emitted.length, 4)
  })
})

describe('clocks that differ', () => {
  it('do not end the calls of a capture agent that is an hour behind another', () => {
    const scene = createScene()
    scene.see(3_600_000, request('INVITE', { callId: 'ahead', fromTag: 'a' }))
    const late = (afterMs: number, bytes: Uint8Array) =>
      scene.see(afterMs, bytes, { timeMs: T0 + scene.emitted.length })
    late(0, request('INVITE'))
    late(5000, response(180, 'INVITE'))
    scene.see(1000, response(180, 'INVITE', { callId: 'ahead', fromTag: 'a' }))
    late(1000, response(200, 'INVITE'))
    late(90_000, request('BYE', { toTag: 'tt', cseq: 2, branch: 'b' }))
    assert.equal(scene.only('call.ended').callId, 'call-1@198.51.100.2')
    assert.equal(scene.observer.stats.liveCalls, 1)
  })
})

describe('bounded memory', () => {
  it('gives up the oldest calls, counts them and ends them on the log', () => {
    const scene = createScene({ maxCalls: 16 })
    for (let i = 0; i < 50; i++) scene.see(1, request('INVITE', { callId: `c${i}`, fromTag: `t${i}` }))
    assert.equal(scene.observer.stats.evicted, 34)
    assert.equal(scene.observer.stats.tracked, 16)
    assert.equal(scene.observer.stats.liveCalls, 16)
    assert.equal(scene.emitted.filter(({ kind }) => kind === 'call.failed').length, 34)
  })

  it('gives up finished calls before those that stand', () => {
    const scene = createScene({ maxCalls: 16 })
    answered(scene)
    for (let i = 0; i < 40; i++) {
      scene.see(1, request('INVITE', { callId: `c${i}`, fromTag: `t${i}` }))
      scene.see(1, response(486, 'INVITE', { callId: `c${i}`, fromTag: `t${i}` }))
    }
    assert.equal(scene.observer.stats.liveCalls, 1)
    scene.see(10, request('BYE', { toTag: 'tt', cseq: 2, branch: 'b' }))
    assert.equal(scene.only('call.ended').endedBy, 'origin')
  })
})
