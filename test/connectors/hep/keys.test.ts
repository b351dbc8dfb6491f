import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeyCheck, parseListen } from '../../../connectors/hep/index.ts'

test('the first entry that covers a source decides; without one it is refused', () => {
  const check = createKeyCheck([
    { source: '192.0.2.7', key: 'one' },
    { source: '192.0.2.0/24', key: 'two' },
    { source: '2001:db8::/32', key: 'six' },
  ])
  const sends = (source: string, key: string) => {
    const bytes = Buffer.from(`..${key}`)
    return check?.(source, bytes, 2, bytes.length)
  }
  assert.equal(sends('192.0.2.7', 'one'), true)
  assert.equal(sends('192.0.2.7', 'two'), false)
  assert.equal(sends('192.0.2.8', 'two'), true)
  assert.equal(sends('::ffff:192.0.2.8', 'two'), true)
  assert.equal(sends('2001:db8:1::1', 'six'), true)
  assert.equal(sends('198.51.100.1', 'two'), false)
  for (const wrong of ['', 'tw', 'twO', 'two!', 'two\0']) assert.equal(sends('192.0.2.8', wrong), false, wrong)
})

test('without keys there is nothing to check', () => {
  assert.equal(createKeyCheck([]), undefined)
})

test('sources that are none are named', () => {
  for (const source of ['', 'x', '192.0.2.0/33', '192.0.2.0/-1', '2001:db8::/129', '192.0.2/24']) {
    assert.throws(() => createKeyCheck([{ source, key: 'k' }]), { code: 'CONFIG_INVALID' }, source)
  }
})

test('listening addresses', () => {
  assert.deepEqual(parseListen('udp://0.0.0.0:9060'), { transport: 'udp', host: '0.0.0.0', port: 9060 })
  assert.deepEqual(parseListen('tls://[::]:0'), { transport: 'tls', host: '::', port: 0 })
  for (const url of ['udp://0.0.0.0', 'http://x:1', 'udp://:9060', 'udp://x:70000', 'udp://::1:9060']) {
    assert.throws(() => parseListen(url), { code: 'CONFIG_INVALID' }, url)
  }
})
