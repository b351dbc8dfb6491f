import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createStreamReader, readJid, type XmlElement } from '../../../connectors/xmpp/index.ts'
import { damageXmpp } from './fuzz.ts'

const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='s1'>"

function setUp(inStep = true) {
  const stanzas: XmlElement[] = []
  const drops: string[] = []
  let closed = 0
  const reader = createStreamReader(
    {
      opened: () => {},
      stanza: stanza => stanzas.push(stanza),
      closed: () => closed++,
      dropped: fault => drops.push(fault),
    },
    inStep,
  )
  const push = (text: string) => {
    const bytes = Buffer.from(text)
    reader.push(bytes, 0, bytes.length)
  }
  const bodies = () => stanzas.map(stanza => stanza.children.find(child => child.name === 'body')?.text)
  return { stanzas, drops, reader, push, bodies, closed: () => closed }
}

const message = (body: string) =>
  `<message from='a@x.org/r' to='b@y.org' type='chat' id='1'><body>${body}</body></message>`

describe('an XMPP stream', () => {
  it('gives the same stanzas however its octets are cut', () => {
    const stream = Buffer.from(
      `${HEADER}${message('Grüße 🎁 &lt;b&gt;')} \n<presence/>${message('<![CDATA[a<b]]>')}</stream:stream>`,
    )
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 40 }), steps => {
        const { reader, bodies, drops, closed } = setUp()
        let at = 0
        for (let i = 0; at < stream.length; i++) {
          const end = Math.min(stream.length, at + steps[i % steps.length]!)
          reader.push(stream, at, end)
          at = end
        }
        assert.deepEqual(bodies(), ['Grüße 🎁 <b>', undefined, 'a<b'])
        assert.deepEqual(drops, [])
        assert.equal(closed(), 1)
      }),
    )
  })

  it('refuses document types, entities, processing instructions and comments', () => {
    for (const bad of [
      `<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><message><body>&b;</body></message>`,
      `${HEADER}<message><body>&undefined;</body></message>`,
      `${HEADER}<message><?php evil ?></message>`,
      `${HEADER}<message><!-- hidden --><body>x</body></message>`,
    ]) {
      const { push, stanzas, drops } = setUp()
      push(bad)
      assert.ok(drops.length > 0, bad)
      assert.ok(stanzas.every(stanza => !JSON.stringify(stanza).includes('aaaaaaaa')))
    }
  })

  it('bounds a stanza in length, depth and elements, and reads on', () => {
    const long = setUp()
    long.push(`${HEADER}<message><body>`)
    for (let i = 0; i < 40; i++) long.push('x'.repeat(10_000))
    long.push(`</body></message>${message('after')}`)
    assert.ok(long.drops.includes('stanza too long'))
    assert.deepEqual(long.bodies(), ['after'])
    const deep = setUp()
    deep.push(`${HEADER}${'<message>'.repeat(3)}${'<a>'.repeat(100)}`)
    deep.push(message('after'))
    assert.ok(deep.drops.includes('stanza too deep'))
    assert.ok(deep.bodies().includes('after'))
    const wide = setUp()
    wide.push(`${HEADER}<message>${'<a/>'.repeat(5000)}</message>${message('after')}`)
    assert.ok(wide.drops.includes('stanza too deep'))
  })

  it('finds the next stanza after damage, in the middle of a stream, and after a gap', () => {
    const damaged = setUp()
    damaged.push(`${HEADER}${message('one')}<message to='b'><body>broken</message>${message('two')}`)
    assert.deepEqual(damaged.bodies(), ['one', 'two'])
    assert.deepEqual(damaged.drops, ['XML not well-formed'])
    const middle = setUp(false)
    middle.push(`half a stanza</body></message>${message('three')}`)
    middle.reader.gap()
    middle.push(`dy></message><mess`)
    middle.push(`age from='a@x.org' to='b@y.org'><body>four</body></message>`)
    assert.deepEqual(middle.bodies(), ['three', 'four'])
  })

  it('neither stops nor fills on sixty thousand damaged stanzas', () => damageXmpp(60_000))
})

describe('a JID', () => {
  it('is split into local part and domain', () => {
    assert.deepEqual(readJid('a@b.org/phone@home'), { local: 'a', domain: 'b.org' })
    assert.deepEqual(readJid('b.org'), { local: '', domain: 'b.org' })
    for (const wrong of ['', '@b.org', 'a@', undefined]) assert.equal(readJid(wrong), undefined)
  })
})
