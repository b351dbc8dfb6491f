import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answerOf, headersOf, invite, responder, says, statusOf } from './scene.ts'

const note = 'action=block;score=14;category=robocall'

describe('the redirect server', () => {
  it('sends an ordinary call on its way: 302 to where it was going', () => {
    const scene = responder()
    const response = scene.send(invite())
    assert.equal(response?.split('\r\n')[0], 'SIP/2.0 302 Moved Temporarily')
    const headers = headersOf(response)
    assert.deepEqual(headers.get('Contact'), ['<sip:+33187654321@ims.example>'])
    assert.deepEqual(headers.get('Via'), ['SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1'])
    assert.deepEqual(headers.get('From'), ['"Robo" <sip:+33162000001@ims.example;user=phone>;tag=f1'])
    assert.match(headers.get('To')?.[0] ?? '', /^<sip:\+33187654321@ims\.example>;tag=[\w-]{16}$/)
    assert.deepEqual(headers.get('CSeq'), ['1 INVITE'])
    assert.deepEqual(scene.questions, [
      { kind: 'call', from: '+33162000001', to: '+33187654321', asserted: 'from', display: 'Robo' },
    ])
    assert.deepEqual(scene.answered, ['302 allow'])
  })

  it('passes in the dialect of the switch', () => {
    for (const [pass, line] of [
      ['404', '404 Not Found'],
      ['480', '480 Temporarily Unavailable'],
      ['503', '503 Service Unavailable'],
    ] as const) {
      const response = responder({ pass }).send(invite())
      assert.equal(response?.split('\r\n')[0], `SIP/2.0 ${line}`)
      assert.equal(headersOf(response).has('Contact'), false)
    }
  })

  it('puts the next hop into the way on', () => {
    const cases: [string, string][] = [
      ['sip:+33187654321@ims.example:5070;transport=tcp', '<sip:+33187654321@core.example:5080;transport=tcp>'],
      ['sips:bob@[2001:db8::1]:5061', '<sips:bob@core.example:5080>'],
      ['sip:gateway.example', '<sip:core.example:5080>'],
      ['tel:+33187654321;phone-context=x', '<sip:+33187654321@core.example:5080;user=phone>'],
    ]
    for (const [uri, contact] of cases) {
      const response = responder({ nextHop: 'core.example:5080' }).send(invite({}, uri))
      assert.deepEqual(headersOf(response).get('Contact'), [contact], uri)
    }
  })

  it('blocks with 603, 603+ or 608, each with its Reason', () => {
    const card = 'https://ringfence.example/v1/appeals/card'
    const contact = 'https://operator.example/redress'
    const cases = [
      ['603', '603 Decline', `SIP;cause=603;text="robocall: ${says.en}"`],
      ['603+', '603 Network Blocked', `Q.850;cause=21;location=LN;text="v=analytics1;url=${contact}"`],
      ['608', '608 Rejected', `SIP;cause=608;text="robocall: ${says.en}"`],
    ] as const
    for (const [block, line, reason] of cases) {
      const scene = responder({ block, contact }, card)
      scene.answer = answerOf('block')
      const response = scene.send(invite())
      assert.equal(response?.split('\r\n')[0], `SIP/2.0 ${line}`)
      const headers = headersOf(response)
      assert.deepEqual(headers.get('Reason'), [reason])
      assert.deepEqual(headers.get('X-Ringfence'), [note])
      assert.deepEqual(
        headers.get('Call-Info'),
        block === '608' ? [`<${card}?ticket=33162000001>;purpose=jwscard`] : undefined,
      )
    }
  })

  it('diverts to voicemail and to a challenge; without a place to divert to it blocks, without a challenge it passes', () => {
    const scene = responder({
      divertTo: 'sip:mailbox-{to}@vm.example',
      challengeTo: 'sip:press-one@ivr.example',
      label: 'Spam?',
    })
    scene.answer = answerOf('divert')
    assert.deepEqual(headersOf(scene.send(invite())).get('Contact'), ['<sip:mailbox-+33187654321@vm.example>'])
    scene.answer = answerOf('challenge')
    const challenged = headersOf(scene.send(invite({ CSeq: '2 INVITE' })))
    assert.deepEqual(challenged.get('Contact'), ['<sip:press-one@ivr.example>'])
    assert.deepEqual(challenged.get('Reason'), [`SIP;cause=302;text="robocall: ${says.en}"`])
    const bare = responder({ label: 'Spam?' })
    bare.answer = answerOf('divert')
    assert.equal(statusOf(bare.send(invite())), 603)
    bare.answer = answerOf('challenge')
    const passed = headersOf(bare.send(invite({ CSeq: '2 INVITE' })))
    assert.deepEqual(passed.get('P-Asserted-Identity'), ['"Spam? Robo" <sip:+33162000001@ims.example;user=phone>'])
  })

  it('labels flagged callers alone, and tells verstat where it belongs', () => {
    const scene = responder({ label: 'Spam?', verstat: true })
    const identity = () => headersOf(scene.send(invite())).get('P-Asserted-Identity')
    assert.deepEqual(identity(), ['"Robo" <sip:+33162000001;verstat=No-TN-Validation@ims.example;user=phone>'])
    const flagging = responder({ label: 'Démarchage ?' })
    flagging.answer = answerOf('flag', 5)
    const [label] = headersOf(flagging.send(invite({ 'P-Asserted-Identity': '<tel:+33162000001>' }))).get(
      'P-Asserted-Identity',
    )!
    assert.equal(Buffer.from(label!, 'latin1').toString(), '"Démarchage ? Robo" <tel:+33162000001>')
  })

  it('gives a retransmission the same answer, octet for octet, though the standing has changed', () => {
    const scene = responder({ marker: true })
    scene.answer = answerOf('block')
    const first = scene.send(invite())
    scene.answer = answerOf('allow', 0)
    scene.clock.ms += 31_000
    assert.equal(scene.send(invite()), first)
    assert.equal(scene.questions.length, 1)
    assert.equal(scene.retransmitted, 1)
    assert.equal(
      statusOf(scene.send(invite({ Via: 'SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK2' }))),
      302,
      'another call',
    )
    scene.clock.ms += 70_000
    assert.equal(statusOf(scene.send(invite())), 302, 'long over: it is asked anew')
  })

  it('takes ACK and CANCEL in silence, answers OPTIONS, refuses what it does not do', () => {
    const scene = responder()
    assert.equal(scene.send(invite({ method: 'ACK', To: '<sip:a@b>;tag=t' })), undefined)
    assert.equal(scene.send(invite({ method: 'CANCEL' })), undefined)
    assert.deepEqual(scene.absorbed, ['ACK', 'CANCEL'])
    assert.equal(statusOf(scene.send(invite({ method: 'OPTIONS' }))), 200)
    const refused = scene.send(invite({ method: 'REGISTER' }))
    assert.equal(statusOf(refused), 405)
    assert.match(headersOf(refused).get('Allow')?.[0] ?? '', /INVITE/)
    assert.equal(statusOf(scene.send(invite({ To: '<sip:a@b>;tag=t' }))), 481)
    assert.equal(statusOf(scene.send(invite({ method: 'MESSAGE' }))), 302)
    assert.deepEqual(
      scene.questions.map(({ kind }) => kind),
      ['message'],
    )
  })

  it('sees a call that comes back: own mark, hops, History-Info, Diversion', () => {
    const scene = responder({ marker: true, maxDiversions: 3 })
    const contact = headersOf(scene.send(invite())).get('Contact')![0]!.slice(1, -1)
    assert.match(contact, /^sip:\+33187654321@ims\.example;ringfence=[\w-]{16}$/)
    assert.equal(statusOf(scene.send(invite({ Via: 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK9' }, contact))), 482)
    assert.equal(statusOf(scene.send(invite({ 'Max-Forwards': '0' }))), 483)
    const history = Array.from({ length: 4 }, (_, i) => `<sip:a@b>;index=1.${i}`).join(', ')
    assert.equal(statusOf(scene.send(invite({ 'History-Info': history }))), 482)
    assert.equal(statusOf(scene.send(invite({ Diversion: '<sip:a@b>, <sip:c@d>, <sip:e@f>, <sip:g@h>' }))), 482)
    assert.deepEqual(scene.dropped, ['loop', 'too-many-hops', 'loop', 'loop'])
  })

  it('is not fooled by a forged mark, nor by the mark of another call', () => {
    const scene = responder({ marker: true })
    const own = headersOf(scene.send(invite())).get('Contact')![0]!.slice(1, -1)
    scene.answer = answerOf('block')
    const forged = 'sip:+33187654321@ims.example;ringfence=AAAAAAAAAAAAAAAA'
    for (const uri of [forged, own])
      assert.equal(statusOf(scene.send(invite({ 'Call-ID': `other-${uri.length}` }, uri))), 603, uri)
    scene.answer = answerOf('allow', 0)
    const [contact] = headersOf(scene.send(invite({ 'Call-ID': 'third' }, forged))).get('Contact')!
    assert.equal(contact!.match(/ringfence=/g)?.length, 1, 'a forged mark is not carried on')
  })

  it('lets the call through when no decision can be made', () => {
    const scene = responder()
    scene.answer = new Error('broken')
    assert.equal(statusOf(scene.send(invite())), 302)
    assert.deepEqual(scene.dropped, ['ask-failed'])
  })

  it('answers to where the request came from, never to where its Via points', () => {
    const respondTo = (via: string) =>
      headersOf(responder().send(invite({ Via: via }), '198.51.100.9', 40_000)).get('Via')
    assert.deepEqual(respondTo('SIP/2.0/UDP 192.0.2.1:5080;rport;branch=z9hG4bK1'), [
      'SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1;rport=40000;received=198.51.100.9',
    ])
    assert.deepEqual(respondTo('SIP/2.0/UDP 192.0.2.1:5080;maddr=203.0.113.1;received=203.0.113.1;branch=z9hG4bK1'), [
      'SIP/2.0/UDP 192.0.2.1:5080;maddr=203.0.113.1;branch=z9hG4bK1;received=198.51.100.9',
    ])
  })

  it('keeps every Via in order, comma-joined ones too', () => {
    const request = invite({ Via: 'SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1, SIP/2.0/TCP b.example;branch=z9hG4bK0' })
    const [start, ...rest] = request.split('\r\n')
    const response = responder().send(
      [start, rest[0], 'v: SIP/2.0/UDP c.example;branch=z9hG4bKc', ...rest.slice(1)].join('\r\n'),
    )
    assert.deepEqual(headersOf(response).get('Via'), [
      'SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1',
      'SIP/2.0/TCP b.example;branch=z9hG4bK0',
      'SIP/2.0/UDP c.example;branch=z9hG4bKc',
    ])
  })

  it('asks about the source address that the proxy tells', () => {
    const scene = responder({ peerHeader: 'X-Source' })
    scene.send(invite({ 'X-Source': '203.0.113.7' }))
    assert.equal(scene.questions[0]?.peer, '203.0.113.7')
  })
})
