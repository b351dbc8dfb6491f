import { describe, it } from 'node:test'
import { damageMsrp } from '../connectors/msrp/fuzz.ts'
import { damageXmpp } from '../connectors/xmpp/fuzz.ts'

// SMPP's million is quick enough to run with its unit tests (test/connectors/smpp/fuzz.test.ts).
describe('a million of damaged input', () => {
  it('MSRP frames: no throw, no hang, memory flat', () => damageMsrp(1_000_000))
  it('XMPP stanzas: no throw, no hang, memory flat', () => damageXmpp(1_000_000))
})
