import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Activity, jsonCodec } from '../../../engine/activity/index.ts'
import { createScene, request, response, type Scene, T0 } from './scene.ts'

const sdp =
  'v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 1 RTP/AVP 0\r\nm=video 2 RTP/AVP 31\r\nm=audio 3 RTP/AVP 8\r\n'

/** INVITE, 180 after half a second, 200 after three more, ACK. */
function answered(scene: Scene): void {
  scene.see(0, request('INVITE', { headers: ['User-Agent: Phone/1', 'Content-Type: application/sdp'], body: sdp }))
  scene.see(20, response(100, 'INVITE'))
  scene.see(480, response(180, 'INVITE'))
  scene.see(3000, response(200, 'INVITE'))
  scene.see(30, request('ACK', { toTag: 'tt', branch: 'ack' }))
}

describe('an answered call', () => {
  it('gives an attempt under both roles, an answer and an end with the times between them', () => {
    const scene = createScene()
    answered(scene)
    scene.see(60_000, request('BYE', { toTag: 'tt', cseq: 2, branch: 'bye', headers: ['Reason: Q.850;cause=16'] }))
    scene.see(10, response(200, 'BYE', { cseq: 2, branch: 'bye' }))
    assert.deepEqual(scene.kinds(), [
      'call.attempt origin',
      'call.attempt target',
      'call.answered origin',
      'call.ended origin',
    ])
    const attempt = scene.only('call.attempt')
    assert.equal(attempt.time, T0)
    assert.equal(attempt.id, scene.only('call.attempt', 'target').id)
    assert.equal(attempt.from.party, '+33144556677')
    assert.equal(attempt.to?.party, '+33612345678')
    assert.equal(attempt.agent, 'Phone/1')
    assert.deepEqual(attempt.media, ['audio', 'video'])
    assert.deepEqual(attempt.route, { tap: 'tap-1', peer: '203.0.113.7', transport: 'udp' })
    const answer = scene.only('call.answered')
    assert.deepEqual([answer.ringing, answer.pdd], [3.5, 0.5])
    const end = scene.only('call.ended')
    assert.deepEqual(
      [end.duration, end.ringing, end.pdd, end.endedBy, end.cause],
      [60.03, 3.5, 0.5, 'origin', 'Q.850;cause=16'],
    )
    assert.equal(scene.observer.stats.liveCalls, 0)
    const codec = jsonCodec(Activity)
    for (const activity of scene.emitted) assert.ok(codec.decode(codec.encode(activity)).ok)
  })

  it('is ended by the target where the one called hangs up', () => {
    const scene = createScene()
    answered(scene)
    scene.see(
      5000,
      request('BYE', { fromTag: 'tt', toTag: 'ft', cseq: 77, branch: 'bye', from: '<sip:+33612345678@ims.example>' }),
    )
    assert.equal(scene.only('call.ended').endedBy, 'target')
  })

  it('ends once where both hang up at the same moment', () => {
    const scene = createScene()
    answered(scene)
    scene.see(5000, request('BYE', { toTag: 'tt', cseq: 2, branch: 'b1' }))
    scene.see(1, request('BYE', { fromTag: 'tt', toTag: 'ft', cseq: 9, branch: 'b2' }))
    assert.equal(scene.only('call.ended').endedBy, 'origin')
  })

  it('goes on through re-INVITE from either side, UPDATE, PRACK, INFO and REFER', () => {
    const scene = createScene()
    answered(scene)
    scene.see(1000, request('INVITE', { toTag: 'tt', cseq: 2, branch: 'r1' }))
    scene.see(10, response(200, 'INVITE', { cseq: 2, branch: 'r1' }))
    scene.see(10, request('ACK', { toTag: 'tt', cseq: 2, branch: 'r2' }))
    scene.see(1000, request('INVITE', { fromTag: 'tt', toTag: 'ft', cseq: 50, branch: 'r3' }))
    scene.see(10, response(488, 'INVITE', { fromTag: 'tt', toTag: 'ft', cseq: 50, branch: 'r3' }))
    for (const method of ['UPDATE', 'PRACK', 'INFO', 'REFER']) {
      scene.see(10, request(method, { toTag: 'tt', cseq: 3, branch: method }))
      scene.see(10, response(202, method, { cseq: 3, branch: method }))
    }
    assert.deepEqual(scene.kinds().slice(3), [])
    assert.equal(scene.observer.stats.liveCalls, 1)
    scene.see(1000, request('BYE', { toTag: 'tt', cseq: 9, branch: 'bye' }))
    assert.equal(scene.only('call.ended').endedBy, 'origin')
  })

  it('is over when the far end answers that it knows no such dialog', () => {
    const scene = createScene()
    answered(scene)
    scene.see(1000, request('UPDATE', { toTag: 'tt', cseq: 2, branch: 'u' }))
    scene.see(10, response(481, 'UPDATE', { cseq: 2, branch: 'u' }))
    assert.equal(scene.only('call.ended').endedBy, 'network')
  })

  it('counts once what is seen before and after each of two proxies and sent again', () => {
    const scene = createScene()
    for (const hop of ['a', 'p1', 'p2']) scene.see(1, request('INVITE', { branch: hop }))
    scene.see(500, request('INVITE', { branch: 'a' }))
    for (const hop of ['p2', 'p1', 'a', 'a']) scene.see(1, response(180, 'INVITE', { branch: hop }))
    for (const hop of ['p2', 'p1', 'a', 'a', 'p2']) scene.see(1, response(200, 'INVITE', { branch: hop }))
    for (const hop of ['k', 'k1', 'k2']) scene.see(1, request('ACK', { toTag: 'tt', branch: hop }))
    for (const hop of ['b', 'b1', 'b2', 'b']) scene.see(1, request('BYE', { toTag: 'tt', cseq: 2, branch: hop }))
    assert.deepEqual(scene.kinds(), [
      'call.attempt origin',
      'call.attempt target',
      'call.answered origin',
      'call.ended origin',
    ])
  })

  it('is known by the ACK where its 200 was not captured', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(500, response(180, 'INVITE'))
    scene.see(2000, request('ACK', { toTag: 'tt', branch: 'new' }))
    assert.equal(scene.only('call.answered').ringing, 2.5)
  })

  it('is known by the BYE where neither its 200 nor its ACK was captured', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(500, response(180, 'INVITE'))
    scene.see(20_000, request('BYE', { toTag: 'tt', cseq: 2, branch: 'b' }))
    assert.equal(scene.kinds().length, 2)
    scene.wait(10_000)
    assert.equal(scene.only('call.ended').time, T0 + 20_500)
    assert.equal(scene.observer.stats.liveCalls, 0)
  })

  it('is known by its responses where the INVITE was not captured', () => {
    const scene = createScene()
    scene.see(0, response(180, 'INVITE'))
    scene.see(1000, response(200, 'INVITE'))
    scene.see(1000, request('INVITE'))
    assert.deepEqual(scene.kinds(), ['call.attempt origin', 'call.attempt target', 'call.answered origin'])
  })
})

describe('a missing BYE', () => {
  it('ends the call at the session interval that nobody refreshed, talk counted to the last sign of life', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(1000, response(200, 'INVITE', { headers: ['Session-Expires: 900;refresher=uas'] }))
    scene.see(450_000, request('UPDATE', { fromTag: 'tt', toTag: 'ft', cseq: 5, branch: 'u' }))
    scene.wait(1_100_000)
    assert.equal(scene.observer.stats.liveCalls, 1)
    scene.wait(101_000)
    const end = scene.only('call.ended')
    assert.deepEqual([end.endedBy, end.duration, end.time], ['timeout', 450, T0 + 451_000 + 1_200_000])
  })

  it('ends the call at the idle limit where there is no session timer', () => {
    const scene = createScene({ sessionIdleSeconds: 60 })
    answered(scene)
    scene.wait(59_000)
    assert.equal(scene.observer.stats.liveCalls, 1)
    scene.wait(2_000)
    assert.equal(scene.only('call.ended').endedBy, 'timeout')
  })
})

describe('a call that fails', () => {
  it('after a CANCEL is ended by the origin, with its ring time in seconds', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(1000, response(180, 'INVITE'))
    scene.see(4500, request('CANCEL', { headers: ['Reason: SIP;cause=200;text="elsewhere"'] }))
    scene.see(5, response(200, 'CANCEL'))
    scene.see(5, response(487, 'INVITE'))
    scene.see(5, request('ACK', { toTag: 'tt' }))
    const failed = scene.only('call.failed')
    assert.deepEqual([failed.status, failed.endedBy, failed.ringing, failed.pdd], [487, 'origin', 4.51, 1])
    assert.equal(failed.cause, 'SIP;cause=200;text="elsewhere"')
  })

  it('after an early CANCEL never rang', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(100, request('CANCEL'))
    scene.see(5, response(487, 'INVITE'))
    assert.equal(scene.only('call.failed').ringing, undefined)
  })

  it('whose ACK was captured before its 487, as two workers of a proxy mirror them, fails at once', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(1, response(180, 'INVITE'))
    scene.see(5, request('CANCEL'))
    scene.see(5.1, request('ACK', { toTag: 'tt' }))
    assert.equal(scene.emitted.filter(({ kind }) => kind === 'call.failed').length, 0)
    scene.see(5.2, response(487, 'INVITE'))
    assert.deepEqual([scene.only('call.failed').status, scene.only('call.failed').endedBy], [487, 'origin'])
  })

  it('after a CANCEL whose 487 was lost fails all the same', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(100, request('CANCEL'))
    scene.wait(40_000)
    assert.deepEqual([scene.only('call.failed').status, scene.only('call.failed').endedBy], [487, 'origin'])
  })

  it('is answered where the CANCEL came too late', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(1000, response(180, 'INVITE'))
    scene.see(1000, request('CANCEL'))
    scene.see(1, response(200, 'INVITE'))
    scene.see(1, response(200, 'CANCEL'))
    scene.see(100, request('BYE', { toTag: 'tt', cseq: 2, branch: 'b' }))
    assert.deepEqual(scene.kinds().slice(2), ['call.answered origin', 'call.ended origin'])
  })

  for (const [status, endedBy] of [
    [486, 'target'],
    [603, 'target'],
    [607, 'target'],
    [404, 'network'],
    [503, 'network'],
    [408, 'timeout'],
  ] as const) {
    it(`with ${status} is ended by ${endedBy}`, () => {
      const scene = createScene()
      scene.see(0, request('INVITE'))
      scene.see(50, response(status, 'INVITE', { headers: ['Reason: Q.850;cause=17'] }))
      scene.see(50, response(status, 'INVITE'))
      const failed = scene.only('call.failed')
      assert.deepEqual([failed.status, failed.endedBy, failed.cause], [status, endedBy, 'Q.850;cause=17'])
    })
  }

  it('without any final response fails at the limit, by timeout', () => {
    const scene = createScene({ noAnswerSeconds: 30 })
    scene.see(0, request('INVITE'))
    scene.wait(29_000)
    assert.equal(scene.observer.stats.liveCalls, 1)
    scene.wait(2_000)
    const failed = scene.only('call.failed')
    assert.deepEqual([failed.status, failed.endedBy, failed.time], [0, 'timeout', T0 + 30_000])
  })
})

describe('forks', () => {
  it('that ring at several places and answer at one are one call', () => {
    const scene = createScene()
    scene.see(0, request('INVITE', { branch: 'a' }))
    for (const fork of ['f1', 'f2', 'f3']) scene.see(1, request('INVITE', { branch: fork }))
    for (const fork of ['f1', 'f2', 'f3']) {
      scene.see(100, response(180, 'INVITE', { branch: fork, toTag: fork }))
      scene.see(1, response(180, 'INVITE', { branch: 'a', toTag: fork }))
    }
    scene.see(900, response(486, 'INVITE', { branch: 'f1', toTag: 'f1' }))
    scene.see(100, response(200, 'INVITE', { branch: 'f2', toTag: 'f2' }))
    scene.see(1, response(200, 'INVITE', { branch: 'a', toTag: 'f2' }))
    scene.see(1, request('CANCEL', { branch: 'f3' }))
    scene.see(1, response(487, 'INVITE', { branch: 'f3', toTag: 'f3' }))
    assert.deepEqual(scene.kinds(), ['call.attempt origin', 'call.attempt target', 'call.answered origin'])
    scene.see(1000, request('BYE', { toTag: 'f2', cseq: 2, branch: 'b' }))
    assert.equal(scene.only('call.ended').endedBy, 'origin')
  })

  it('whose every branch fails end by the response that reaches the caller', () => {
    const scene = createScene()
    scene.see(0, request('INVITE', { branch: 'a' }))
    scene.see(1, request('INVITE', { branch: 'f1' }))
    scene.see(1, request('INVITE', { branch: 'f2' }))
    scene.see(900, response(480, 'INVITE', { branch: 'f1', toTag: 'f1' }))
    scene.see(900, response(486, 'INVITE', { branch: 'f2', toTag: 'f2' }))
    assert.equal(scene.kinds().length, 2)
    scene.see(1, response(486, 'INVITE', { branch: 'a', toTag: 'f2' }))
    assert.equal(scene.only('call.failed').status, 486)
  })

  it('that two places answer go on until the last confirmed dialog ends', () => {
    const scene = createScene()
    scene.see(0, request('INVITE'))
    scene.see(1000, response(200, 'INVITE', { toTag: 'f1' }))
    scene.see(5, response(200, 'INVITE', { toTag: 'f2' }))
    scene.see(50, request('BYE', { toTag: 'f2', cseq: 2, branch: 'b2' }))
    scene.see(0, request('BYE', { toTag: 'f2', cseq: 2, branch: 'b2' }))
    assert.equal(scene.observer.stats.liveCalls, 1)
    scene.see(9000, request('BYE', { toTag: 'f1', cseq: 3, branch: 'b3' }))
    assert.equal(scene.only('call.ended').duration, 9.055)
  })

  it('recognises invitations to chat and to file transfer (RCS) by their SDP', () => {
    for (const [lines, expected] of [
      ['m=message 7777 TCP/MSRP *\r\na=accept-types:message/cpim\r\n', ['message', 'chat']],
      [
        'm=message 7777 TCP/MSRP *\r\na=sendonly\r\na=file-selector:name:"a.jpg" type:image/jpeg\r\n',
        ['message', 'file-transfer'],
      ],
      ['m=audio 4000 RTP/AVP 0\r\na=file-selector:x\r\n', ['audio']],
    ] as const) {
      const scene = createScene()
      scene.see(0, request('INVITE', { headers: ['Content-Type: application/sdp'], body: `v=0\r\n${lines}` }))
      assert.deepEqual(scene.only('call.attempt').media, expected)
    }
  })
})
