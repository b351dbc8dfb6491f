import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createScene, request, response, T0 } from './scene.ts'

describe('who acts and who is acted upon', () => {
  const invite = (headers: readonly string[], more = {}) => {
    const scene = createScene()
    scene.see(0, request('INVITE', { headers, ...more }))
    return scene.only('call.attempt')
  }
  it('is the asserted identity, the tel of several, with the From kept as what was claimed', () => {
    const { from } = invite(
      [
        'P-Asserted-Identity: "Alice" <sip:alice@ims.example>, <tel:+33144556600>',
        'P-Preferred-Identity: <tel:+33144556601>',
      ],
      { from: '"Bank" <sip:+18005550100@evil.example>' },
    )
    assert.deepEqual(from, {
      party: '+33144556600',
      asserted: 'pai',
      uri: 'tel:+33144556600',
      display: 'Bank',
      claimed: '+18005550100',
    })
  })
  it('is the preferred identity, then Remote-Party-ID, then From', () => {
    assert.equal(
      invite(['P-Preferred-Identity: <tel:+33144556601>', 'Remote-Party-ID: <sip:+33144556602@x>']).from.asserted,
      'ppi',
    )
    const rpid = invite(['Remote-Party-ID: "A" <sip:+33144556602@x>;party=calling;privacy=off']).from
    assert.deepEqual([rpid.party, rpid.asserted, rpid.claimed], ['+33144556602', 'rpid', '+33144556677'])
    const plain = invite([]).from
    assert.deepEqual([plain.party, plain.asserted, plain.claimed], ['+33144556677', 'from', undefined])
  })
  it('is not believed of peers outside the trust domain', () => {
    const scene = createScene({ assertedFrom: ['10.0.0.0/8'] })
    scene.see(0, request('INVITE', { headers: ['P-Asserted-Identity: <tel:+33144556600>'] }))
    assert.equal(scene.only('call.attempt').from.party, '+33144556677')
  })
  it('shows anonymous callers under their asserted number', () => {
    const { from } = invite(['P-Asserted-Identity: <tel:+33144556600>', 'Privacy: id'], {
      from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
    })
    assert.deepEqual([from.party, from.claimed], ['+33144556600', 'anonymous@anonymous.invalid'])
  })
  it('takes the dialled number from the Request-URI, from To where that is a registered contact', () => {
    assert.equal(invite([], { uri: 'sip:0033612345600@gw.example;user=phone' }).to?.party, '+33612345600')
    assert.equal(invite([], { uri: 'tel:+33612345600;npdi;rn=+339' }).to?.party, '+33612345600')
    const contact = invite([], { uri: 'sip:bob-x7@192.168.1.5:5062' })
    assert.equal(contact.to?.party, '+33612345678')
    assert.equal(invite([], { uri: 'sip:bob@b.example', to: '<sip:robert@b.example>' }).to?.party, 'bob@b.example')
  })
  it('reads portability and trunk group parameters out of numbers', () => {
    assert.equal(
      invite([], { from: '<sip:+33144556677;npdi;rn=+33988990000;tgrp=TG-1;trunk-context=x@gw.example;user=phone>' })
        .from.party,
      '+33144556677',
    )
    assert.equal(
      invite([], { from: '<sip:+33144556677;verstat=TN-Validation-Passed@gw.example;user=phone>' }).from.party,
      '+33144556677',
    )
  })
  it('lists whom a call was diverted by, the last one first', () => {
    assert.deepEqual(
      invite(['Diversion: <tel:+33611111111>;reason=no-answer, <tel:+33622222222>;reason=unconditional']).diverted,
      ['+33611111111', '+33622222222'],
    )
    assert.deepEqual(
      invite([
        'History-Info: <sip:+33633333333@x>;index=1, <sip:+33644444444@x>;index=1.1',
        'History-Info: <sip:+33655555555@x>;index=1.1.1',
      ]).diverted,
      ['+33644444444', '+33633333333'],
    )
  })
})

describe('the route', () => {
  const trunks = [
    { trunk: 'ix-orange', peer: '203.0.113.0/24', via: '*.orange.example' },
    { trunk: 'tg-1', trunkGroup: 'TG-1' },
    { trunk: 'ix-six', peer: '2001:db8::/32' },
    { trunk: 'rest', peer: '203.0.113.7' },
  ]
  const trunkOf = (fields: object, source = '203.0.113.7') => {
    const scene = createScene({ trunks }, { site: 'par1' })
    scene.see(0, request('INVITE', fields), { source, transport: 'tcp' })
    const { route } = scene.only('call.attempt')
    assert.deepEqual([route.site, route.peer, route.transport], ['par1', source, 'tcp'])
    return route.trunk
  }
  it('names the trunk by the first rule whose every condition holds', () => {
    assert.equal(trunkOf({}), 'rest')
    assert.equal(trunkOf({ uri: 'sip:+33612345678;tgrp=TG-1;trunk-context=x@gw.example' }), 'tg-1')
    assert.equal(trunkOf({ headers: ['Contact: <sip:+33144556677;tgrp=TG-1@gw.example>'] }), 'tg-1')
    assert.equal(trunkOf({}, '2001:db8::9'), 'ix-six')
    assert.equal(trunkOf({}, '192.0.2.9'), undefined)
  })
  it('matches the host of the topmost Via', () => {
    const scene = createScene({ trunks })
    const text = Buffer.from(request('INVITE')).toString().replace('198.51.100.2:5060', 'SBC1.Orange.example:5060')
    scene.see(0, Buffer.from(text))
    assert.equal(scene.only('call.attempt').route.trunk, 'ix-orange')
  })
  it('refuses a block that is none, naming it', () => {
    assert.throws(() => createScene({ trunks: [{ trunk: 'x', peer: '10.0.0.0/40' }] }), {
      code: 'CONFIG_INVALID',
      message: /trunks\[0\]\.peer.*10\.0\.0\.0\/40/,
    })
  })
})

describe('registrations', () => {
  const digest = 'Authorization: Digest username="alice", nonce="n", response="6629fae4"'
  const register = (cseq: number, headers: readonly string[] = [], more = {}) =>
    request('REGISTER', {
      cseq,
      branch: `r${cseq}`,
      headers,
      uri: 'sip:ims.example',
      to: '<sip:+33144556677@ims.example>',
      ...more,
    })
  it('that succeed after a challenge are one, counted under the source with account and From kept', () => {
    const scene = createScene()
    scene.see(0, register(1))
    scene.see(0, register(1))
    scene.see(10, response(401, 'REGISTER', { cseq: 1, headers: ['WWW-Authenticate: Digest nonce="n"'] }))
    scene.see(10, register(2, [digest, 'User-Agent: Phone/1']))
    scene.see(10, response(200, 'REGISTER', { cseq: 2 }))
    scene.see(1, response(200, 'REGISTER', { cseq: 2 }))
    const { from, to, outcome, status, time } = scene.only('registration')
    assert.deepEqual(
      [from.party, from.uri, to?.party],
      ['ip:203.0.113.7', 'sip:+33144556677@ims.example;user=phone', '+33144556677'],
    )
    assert.deepEqual([outcome, status, time], ['accepted', 200, T0 + 30])
  })
  it('with a wrong password fail, with a stale nonce go on', () => {
    const scene = createScene()
    scene.see(0, register(1, [digest]))
    scene.see(10, response(401, 'REGISTER', { cseq: 1, headers: ['WWW-Authenticate: Digest nonce="m", stale=TRUE'] }))
    assert.equal(scene.emitted.length, 0)
    scene.see(10, register(2, [digest]))
    scene.see(10, response(401, 'REGISTER', { cseq: 2, headers: ['WWW-Authenticate: Digest nonce="k"'] }))
    assert.deepEqual([scene.only('registration').outcome, scene.only('registration').status], ['failed', 401])
  })
  it('of an IMS phone, whose first request has an empty answer, are one too', () => {
    const scene = createScene()
    scene.see(0, register(1, ['Authorization: Digest username="a", realm="r", nonce="", uri="sip:r", response=""']))
    scene.see(10, response(401, 'REGISTER', { cseq: 1 }))
    scene.see(10, register(2, [digest]))
    scene.see(10, response(200, 'REGISTER', { cseq: 2 }))
    assert.equal(scene.only('registration').outcome, 'accepted')
  })
  it('that are challenged and left, or never answered, say so', () => {
    const scene = createScene()
    scene.see(0, register(1))
    scene.see(10, response(401, 'REGISTER', { cseq: 1 }))
    scene.wait(65_000)
    assert.equal(scene.only('registration').outcome, 'challenged')
    scene.see(0, register(1, [], { callId: 'other' }))
    scene.wait(40_000)
    assert.equal(scene.emitted.at(-1)?.kind, 'registration')
    assert.equal((scene.emitted.at(-1) as { outcome?: string }).outcome, 'unanswered')
    assert.equal(scene.emitted.length, 2)
    scene.wait(100_000)
    assert.equal(scene.observer.stats.tracked, 0)
  })
  it('renewed under one Call-ID are several', () => {
    const scene = createScene()
    for (const cseq of [1, 3, 5]) {
      scene.see(0, register(cseq))
      scene.see(10, response(200, 'REGISTER', { cseq }))
      scene.wait(60_000)
    }
    assert.equal(new Set(scene.emitted.map(({ id }) => id)).size, 3)
  })
  it('that guess passwords for many accounts are counted under one party', () => {
    const scene = createScene()
    for (let i = 0; i < 30; i++) {
      const account = {
        callId: `g${i}`,
        fromTag: `g${i}`,
        from: `<sip:${100 + i}@pbx.example>`,
        to: `<sip:${100 + i}@pbx.example>`,
      }
      scene.see(5, register(1, [digest], account))
      scene.see(5, response(403, 'REGISTER', { cseq: 1, ...account }))
    }
    assert.equal(new Set(scene.emitted.map(({ from }) => from.party)).size, 1)
    assert.equal(new Set(scene.emitted.map(({ to }) => to?.party)).size, 30)
  })
  it('are bounded in memory', () => {
    const scene = createScene({ maxCalls: 16 })
    for (let i = 0; i < 100; i++) scene.see(1, register(1, [], { callId: `g${i}` }))
    assert.equal(scene.observer.stats.tracked, 16)
    assert.equal(scene.observer.stats.evicted, 84)
  })
})

describe('probes', () => {
  it('are OPTIONS outside a dialog, once each, counted under the source', () => {
    const scene = createScene()
    for (let i = 0; i < 3; i++)
      scene.see(
        100,
        request('OPTIONS', {
          callId: 'o1',
          from: '<sip:sipvicious@1.1.1.1>',
          headers: ['User-Agent: friendly-scanner'],
        }),
      )
    scene.see(100, request('OPTIONS', { callId: 'o2', from: '<sip:other@2.2.2.2>' }))
    scene.see(100, request('OPTIONS', { callId: 'o3', toTag: 'tt' }))
    assert.equal(scene.emitted.length, 2)
    assert.deepEqual([...new Set(scene.emitted.map(({ from }) => from.party))], ['ip:203.0.113.7'])
    assert.equal(scene.emitted[0]?.from.uri, 'sip:sipvicious@1.1.1.1')
  })
  it('are no refusals of callers whom the operator knows', () => {
    const refused = (headers: readonly string[], status: number) => {
      const scene = createScene()
      scene.see(0, request('INVITE', { headers }))
      scene.see(10, response(status, 'INVITE'))
      return scene.emitted.some(({ kind }) => kind === 'probe')
    }
    assert.equal(refused([], 403), true)
    assert.equal(refused(['P-Asserted-Identity: <tel:+33144556600>'], 403), false)
    assert.equal(refused(['Authorization: Digest response="ab"'], 403), false)
    assert.equal(refused([], 404), false)
  })
  it("behind the operator's own elements are counted under the address those received them from", () => {
    const scene = createScene({ trustedPeers: ['203.0.113.7', '192.0.2.0/24'] })
    const below = [
      'Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx, SIP/2.0/UDP 10.1.1.1;branch=z9hG4bKy;received=198.18.0.66;rport=5060',
      'Via: SIP/2.0/UDP spoofed.example',
    ]
    scene.see(0, request('OPTIONS', { below }))
    assert.equal(scene.only('probe').from.party, 'ip:198.18.0.66')
  })
})

describe('messages', () => {
  const send = (contentType: string, body: string | Buffer, headers: readonly string[] = []) => {
    const scene = createScene({ textLimit: 40 })
    const text = request('MESSAGE', { headers: [`Content-Type: ${contentType}`, ...headers] })
    const head = Buffer.from(text)
      .toString('latin1')
      .replace('Content-Length: 0', `Content-Length: ${Buffer.byteLength(body as string)}`)
    scene.see(0, Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body as string)]))
    return scene
  }
  const textOf = (contentType: string, body: string | Buffer, headers: readonly string[] = []) =>
    send(contentType, body, headers).only('message', 'target').content
  it('are given under both roles with their text, once also when repeated or challenged', () => {
    const scene = createScene()
    const message = (cseq: number, extra: readonly string[] = []) =>
      request('MESSAGE', { cseq, headers: ['Content-Type: text/plain', ...extra], body: 'Salut à toi' })
    scene.see(0, message(1))
    scene.see(500, message(1))
    scene.see(1, response(407, 'MESSAGE'))
    scene.see(1, message(2, ['Proxy-Authorization: Digest response="ab"']))
    assert.deepEqual(scene.kinds(), ['message origin', 'message target'])
    assert.deepEqual(scene.only('message').content, { type: 'text/plain', text: 'Salut à toi' })
    assert.equal(scene.observer.stats.repeated, 2)
  })
  it('have their charset and transfer encoding undone', () => {
    assert.equal(textOf('text/plain;charset=iso-8859-1', Buffer.from('caf\xe9', 'latin1'))?.text, 'café')
    assert.equal(textOf('text/plain; charset="utf-16le"', Buffer.from('h\u00e9', 'utf16le'))?.text, 'hé')
    assert.equal(textOf('text/plain;charset=klingon', 'abc')?.text, 'abc')
    assert.equal(
      textOf('text/plain', Buffer.from('hello').toString('base64'), ['Content-Transfer-Encoding: base64'])?.text,
      'hello',
    )
    assert.equal(
      textOf('text/plain', 'caf=C3=A9=\r\n ok', ['Content-Transfer-Encoding: quoted-printable'])?.text,
      'café ok',
    )
  })
  it('in a multipart body are its first plain text', () => {
    const body =
      '--b1\r\nContent-Type: application/octet-stream\r\n\r\n\x00\x01\r\n--b1\r\nContent-Type: text/html\r\n\r\n<b>no</b>\r\n--b1\r\nContent-Type: text/plain;charset=utf-8\r\n\r\nyes\r\n--b1--\r\n'
    assert.deepEqual(textOf('multipart/mixed;boundary="b1"', body), { type: 'text/plain', text: 'yes' })
  })
  it('in a CPIM wrapper are what it wraps', () => {
    const cpim = (type: string, text: string) =>
      `From: <sip:a@b>\r\nTo: <sip:c@d>\r\nDateTime: 2026-01-01T00:00:00Z\r\n\r\nContent-Type: ${type}\r\n\r\n${text}`
    assert.deepEqual(textOf('message/cpim', cpim('text/plain', 'hi')), { type: 'text/plain', text: 'hi' })
    assert.deepEqual(send('message/cpim', cpim('message/imdn+xml', '<imdn/>')).kinds(), [])
  })
  it('are no delivery notifications and no typing signs', () => {
    assert.deepEqual(send('message/imdn+xml', '<imdn/>').kinds(), [])
    assert.deepEqual(send('application/im-iscomposing+xml', '<x/>').kinds(), [])
  })
  it('are bounded, never within a surrogate pair', () => {
    assert.equal(textOf('text/plain', 'x'.repeat(100))?.text?.length, 40)
    assert.equal(textOf('text/plain', `${'x'.repeat(39)}😀`)?.text, 'x'.repeat(39))
  })
  it('give their text only where the content policy lets it through', () => {
    const message = request('MESSAGE', {
      headers: ['Content-Type: text/plain'],
      body: 'Vous avez gagné 1000 euros, réclamez votre prix avant ce soir sur notre page',
    })
    const kept = (options: object) => {
      const scene = createScene(options)
      scene.see(0, message)
      return scene.only('message').content
    }
    const content = {
      policy: 'inspect',
      withoutConsent: 'features-only',
      jurisdictions: { '+33': 'features-only' },
    } as const
    const features = kept({ content })
    assert.equal(features?.text, undefined)
    assert.ok(features?.features !== undefined)
    assert.equal(kept({ content: { ...content, policy: 'none' } }), undefined)
    assert.equal(
      kept({ content: { ...content, jurisdictions: { '+44': 'none' } } })?.text,
      'Vous avez gagné 1000 euros, réclamez votre prix avant ce soir sur notre page',
    )
  })
  it('without text keep their type', () => {
    assert.deepEqual(textOf('application/vnd.3gpp.sms', 'abc'), { type: 'application/vnd.3gpp.sms' })
  })
})

describe('what is no use', () => {
  it('is dropped and counted by reason', () => {
    const scene = createScene()
    scene.see(0, Buffer.from('\r\n\r\n'))
    scene.see(0, Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    scene.see(0, Buffer.from('INVITE sip:a@b SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n'))
    assert.deepEqual(
      [...scene.counters.dropped],
      [
        ['keep-alive', 1],
        ['not-sip', 1],
        ['sip-without-dialog', 1],
      ],
    )
  })
  it('still gives the activity of an invalid INVITE that names who calls whom', () => {
    const scene = createScene()
    const text = Buffer.from(request('INVITE')).toString().replace('Content-Length: 0', 'Content-Length: -5')
    scene.see(0, Buffer.from(text))
    assert.equal(scene.only('call.attempt').from.party, '+33144556677')
  })
})
