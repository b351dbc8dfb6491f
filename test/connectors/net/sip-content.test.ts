import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sipOpens } from '../../../connectors/net/index.ts'

const opens = (text: string) => {
  const bytes = Buffer.from(`..${text}`, 'latin1')
  return sipOpens(bytes, 2, bytes.length)
}

test('start lines are recognised, well-formed or not', () => {
  const messages = [
    'INVITE sip:bob@example.net SIP/2.0\r\n',
    '\r\n\r\nOPTIONS sip:x SIP/2.0\r\n',
    'SIP/2.0 200 OK\r\n',
    'sip/2.0 200 OK\n',
    "!interesting-Method0123456789_*+`.%indeed'~ sip:a SIP/2.0\r\n",
    'INVITE  sip:two spaces@x  SIP/2.0\r\n',
    'OPTIONS sip:bob@example.net SIP/7.0\r\n',
    `INVITE sip:${'a'.repeat(3000)}@b SIP/2.0\r\n`,
  ]
  for (const message of messages) assert.equal(opens(message), 'yes', message)
})

test('what is something else is not', () => {
  const others = [
    'GET / HTTP/1.1\r\n',
    'INVITE sip:bob\r\nSIP/2.0 200',
    '\x80\x00\x12\x34',
    '{"a":1}',
    'word\r\n',
    `${'A'.repeat(80)} x SIP/2.0`,
  ]
  for (const other of others) assert.equal(opens(other), 'no', other)
})

test('a beginning of either is asked to go on', () => {
  for (const start of ['', '\r\n', 'I', 'INVITE', 'INVITE sip:b', 'SIP', 'SIP/', 'INVITE sip:b SIP']) {
    assert.equal(opens(start), 'more', start)
  }
})
