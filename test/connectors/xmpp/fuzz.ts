import assert from 'node:assert/strict'
import { createStreamReader, readStanza } from '../../../connectors/xmpp/index.ts'
import { generator, heapMb, mutate } from '../messages/mutate.ts'

const seeds = [
  "<message from='a@x.org/r' to='b@y.org' type='chat' id='1'><body>You have won &amp; more</body></message>",
  "<iq type='set' id='9' from='a@x.org'><block xmlns='urn:xmpp:blocking'><item jid='s@x.org'><report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'/></item></block></iq>",
  "<message to='c'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/><message xmlns='jabber:client' from='a@b' to='c@d'><body>x</body></message></forwarded></message>",
].map(text => Buffer.from(text))

/** Shows the reader that many damaged stanzas: it must not throw, still give some, and hold no more at the end. */
export function damageXmpp(stanzas: number): void {
  let read = 0
  let drops = 0
  const reader = createStreamReader(
    {
      opened() {},
      stanza(stanza) {
        if (readStanza(stanza, true).kind !== 'other') read++
      },
      closed() {},
      dropped: () => drops++,
    },
    true,
  )
  const next = generator(7)
  const out = new Uint8Array(4096)
  let early = 0
  for (let i = 0; i < stanzas; i++) {
    if (i === stanzas / 10) early = heapMb()
    const length = mutate(seeds[next() % seeds.length]!, out, next)
    reader.push(out, 0, length)
    if ((i & 15) === 0) reader.gap()
  }
  assert.ok(read > stanzas / 30, `${read} readings`)
  assert.ok(drops > stanzas / 30, `${drops} drops`)
  assert.ok(heapMb() - early < 60, 'memory flat')
}
