import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { describeSip, sipFileFormat } from '../../../connectors/sip/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { request, response } from './scene.ts'
import { malformed } from './vectors/rfc4475-invalid.ts'
import { wellFormed } from './vectors/rfc4475-valid.ts'

const identity = createIdentity({ defaultCountry: 'FR' })
const folder = mkdtempSync(join(tmpdir(), 'ringfence-sip-'))
after(() => rmSync(folder, { recursive: true }))

const describeBytes = (bytes: Uint8Array) => describeSip(identity, bytes, 0, bytes.length)

describe('the description of a message', () => {
  it('of a request and a response names who, whom and which call', () => {
    const parties = { from: '+33144556677', to: '+33612345678', callId: 'call-1@198.51.100.2', valid: true }
    assert.deepEqual(describeBytes(request('INVITE')), { method: 'INVITE', ...parties })
    assert.deepEqual(describeBytes(response(486, 'INVITE')), { status: 486, ...parties })
  })
  it('of a malformed one gives the reason and what could be read', () => {
    const bytes = malformed.quotbal as Uint8Array
    assert.deepEqual(describeBytes(bytes), {
      method: 'INVITE',
      from: 'caller@example.net',
      to: 'j.user@example.com',
      callId: 'quotbal.aksdj',
      valid: false,
      reason: 'bad-to',
    })
    assert.deepEqual(describeBytes(malformed.bigcode as Uint8Array).status, 0)
    assert.deepEqual(describeBytes(Buffer.from('hello')), { valid: false, reason: 'not-sip' })
  })
  it('finds the unquoted comma of RFC 4475 baddn once its head is complete', () => {
    const whole = Buffer.concat([malformed.baddn as Uint8Array, Buffer.from('\r\n')])
    assert.equal(describeBytes(whole).reason, 'bad-from')
  })
  it('takes the first of two messages in one datagram (RFC 4475 dblreq)', () => {
    const { method, callId } = describeBytes(wellFormed.dblreq as Uint8Array)
    assert.deepEqual([method, callId], ['REGISTER', 'dblreq.0ha0isndaksdj99sdfafnl3lk233412'])
  })
})

describe('a file of one raw SIP message', () => {
  const read = async (name: string, bytes: Uint8Array) => {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    const seen: string[] = []
    await sipFileFormat.read(
      path,
      {
        signal: (protocol, from, start, end, envelope) =>
          seen.push(`${protocol} ${Buffer.from(from.subarray(start, end)).toString('latin1')} ${envelope.timeMs}`),
        activity: () => assert.fail('a SIP file holds a signal'),
        dropped: (reason, place) => seen.push(`${reason} at ${place}`),
      },
      { identity, progress: () => {} },
    )
    return seen
  }
  it('is known by its start line, or by its name where that line is broken', () => {
    assert.ok(sipFileFormat.detect(request('INVITE'), 'capture.bin'))
    assert.ok(sipFileFormat.detect(response(200, 'BYE'), 'x'))
    assert.ok(sipFileFormat.detect(Buffer.from('INVITE <sip:a@b>\r\n'), 'broken.sip'))
    assert.ok(!sipFileFormat.detect(Buffer.from('time,kind,from\n'), 'calls.csv'))
    assert.ok(!sipFileFormat.detect(Buffer.from([0xd4, 0xc3, 0xb2, 0xa1, 0, 0]), 'capture.dat'))
    assert.ok(!sipFileFormat.detect(Buffer.alloc(0), 'empty.dat'))
  })
  it('gives the message as it is, without a capture time', async () => {
    const bytes = request('OPTIONS')
    assert.deepEqual(await read('one.sip', bytes), [`sip ${Buffer.from(bytes).toString('latin1')} 0`])
  })
  it('drops what is longer than a message can be', async () => {
    assert.deepEqual(await read('long.sip', Buffer.alloc((1 << 20) + 5, 0x61)), ['too-long at byte 1048576'])
  })
  it('says which file cannot be read', async () => {
    const sink = { signal: () => {}, activity: () => {}, dropped: () => {} }
    await assert.rejects(sipFileFormat.read(join(folder, 'none.sip'), sink, { identity, progress: () => {} }), {
      code: 'INPUT_UNREADABLE',
      message: /none\.sip/,
    })
  })
})
