import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createNormalised, MAX_UNITS, normalise } from '../../../models/text/index.ts'

const room = createNormalised()
function skeleton(text: string): string {
  normalise(text, room)
  return String.fromCharCode(...room.units.subarray(0, room.length)).trim()
}

test('letters that look alike give one skeleton', () => {
  const plain = skeleton('free prize')
  for (const twin of ['frее prizе', 'ＦＲＥＥ ＰＲＩＺＥ', '𝐟𝐫𝐞𝐞 𝗽𝗿𝗶𝘇𝗲', 'fréé prizê', 'ꜰree ⓟⓡⓘⓩⓔ'])
    assert.equal(skeleton(twin), plain, twin)
})

test('hidden characters are dropped and counted', () => {
  assert.equal(skeleton('fr\u200bee\u2060 mo\u00adney'), 'free money')
  assert.equal(room.hidden, 3)
})

test('digits inside words are letters, numbers keep their shape', () => {
  assert.equal(skeleton('fr3e c4$h 5ale'), 'free cash sale')
  assert.equal(skeleton('call 0800 123'), 'call 0000 000')
  assert.equal(skeleton('£1000 in 2 days'), '£0000 in 0 days')
})

test('letters that stand alone are joined', () => {
  assert.equal(skeleton('get f r e e now'), 'get free now')
  assert.equal(skeleton('w.i.n. it'), 'win. it')
  assert.equal(skeleton('i am a b'), 'i am a b')
})

test('Thai, Arabic and Chinese letters stay', () => {
  assert.equal(skeleton('รหัส'), 'รหัส')
  assert.equal(skeleton('验证码'), '验证码')
  assert.equal(skeleton('جائزة'), 'جائزة')
})

test('only the beginning of a very long text is read', () => {
  assert.equal(skeleton('ab '.repeat(2000)).length <= MAX_UNITS, true)
})

test('any text gives a bounded skeleton that begins and ends with a space', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
      normalise(text, room)
      assert.ok(room.length >= 1 && room.length <= MAX_UNITS + 2)
      assert.equal(room.units[0], 32)
      assert.equal(room.units[room.length - 1], 32)
      for (let i = 1; i < room.length; i++) assert.ok(room.source[i]! >= room.source[i - 1]!)
    }),
  )
})
