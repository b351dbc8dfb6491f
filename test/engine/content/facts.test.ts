import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type TextFactName, textFactMeanings, textFactNames, textFacts } from '../../../engine/content/index.ts'

const out = new Float64Array(textFactNames.length)

/** The facts asked for, of one text. */
function facts<const N extends readonly TextFactName[]>(text: string, ...names: N): number[] {
  textFacts(text, out)
  return names.map(name => out[textFactNames.indexOf(name)]!)
}

// Any UTF-16, broken surrogates included; fast-check's own binary strings take seconds to set up.
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0x20, max: 0x7e })), { maxLength: 300 })
  .map(units => String.fromCharCode(...units))

test('links are found with a scheme, with www and bare; sentences without a space after the stop are not links', () => {
  const cases: readonly (readonly [string, number, number])[] = [
    ['pay at https://bit.ly/3xY9 now', 1, 1],
    ['visit WWW.B4UTELE.COM for credit, or tsel.me/promo', 2, 0],
    ['see (http://a.example/x?y=1), http://192.0.2.4:8080/z', 2, 0],
    ['تابع http://example.com/وصل', 1, 0],
    ['ok.so i go home.then we.eat', 0, 0],
    ['ok lar... Joking wif u oni... e.g. this', 0, 0],
    ['meet at 7.30 or 19.45, costs 3.50', 0, 0],
    ['write to anna@example.com', 0, 0],
    ['点击dwz.cn/a8领取', 1, 1],
  ]
  for (const [text, links, shortened] of cases)
    assert.deepEqual(facts(text, 'links', 'shortened_links'), [links, shortened], text)
})

test('numbers are told apart: telephone numbers, sums of money, codes', () => {
  const cases: readonly (readonly [string, number, number, number])[] = [
    ['Call 0871-872-9755 to claim your £2,000', 1, 1, 0],
    ['hub 0822-9399-7119, Rp100jt', 1, 1, 0],
    ['ring +44 (0)20 7946 0018', 1, 0, 0],
    ['доход от 20000 руб в месяц', 0, 1, 0],
    ['meet me at 7 or 8, room 12', 0, 0, 0],
    ['Your code is 481516, do not share it', 0, 0, 1],
    ['G-123456 is your verification code.', 0, 0, 1],
    ['【银行】验证码：834120，请勿泄露', 0, 0, 1],
    ['รหัส OTP ของคุณคือ 99812', 0, 0, 1],
    ['Никому не говорите код 4471', 0, 0, 1],
    ['the bus 4815 leaves', 0, 0, 0],
  ]
  for (const [text, phones, amounts, otp] of cases)
    assert.deepEqual(facts(text, 'phone_numbers', 'amounts', 'otp'), [phones, amounts, otp], text)
})

test('disguises are counted: mixed scripts, invisible characters, styled letters', () => {
  const cases: readonly (readonly [string, number, number, number])[] = [
    ['Пpeдлaгaeм coтpyдничecтвo', 1, 0, 0],
    ['Предлагаем сотрудничество, SMS и e-mail', 0, 0, 0],
    ['fr\u200bee mon\u2060ey', 0, 2, 0],
    ['\u{1d5d9}\u{1d5ff}\u{1d5f2}\u{1d5f2} gift', 0, 0, 4],
    ['ｆｒｅｅ', 0, 0, 4],
    ['family \u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u2764\ufe0f', 0, 0, 0],
    ['می\u200cروم', 0, 0, 0],
  ]
  for (const [text, ...expected] of cases)
    assert.deepEqual(facts(text, 'mixed_scripts', 'zero_width', 'styled_letters'), expected, text)
})

test('pressure, capitals and exclamation are seen in several languages', () => {
  for (const text of [
    'URGENT! You have WON',
    'Son gün! Hemen arayın',
    'Срочно! Карта заблокирована',
    '紧急通知',
    'ด่วน',
  ])
    assert.deepEqual(facts(text, 'urgency'), [1], text)
  assert.deepEqual(facts('see you tomorrow', 'urgency', 'exclamations', 'uppercase_share'), [0, 0, 0])
  assert.deepEqual(facts('WIN now!!', 'exclamations', 'uppercase_share'), [2, 0.5])
})

test('any text gives finite facts, shares between 0 and 1, and nothing is left from the text before', () => {
  fc.assert(
    fc.property(anyText, text => {
      textFacts('URGENT http://a.example 12345 £5', out)
      textFacts(text, out)
      const first = [...out]
      textFacts(text, out)
      assert.deepEqual([...out], first)
      for (const [i, name] of textFactNames.entries()) {
        assert.ok(Number.isFinite(out[i]) && out[i]! >= 0, name)
        if (name.endsWith('_share')) assert.ok(out[i]! <= 1, name)
      }
    }),
  )
})

test('a hostile text costs no more than its bound', () => {
  for (const unit of ['a.', '1 ', '://', 'www.', '٠', '\u200b', 'code 1234 ', '(((((', '-'])
    facts(unit.repeat(65_536 / unit.length), 'links')
  assert.deepEqual(facts(`${'x'.repeat(5000)} http://late.example/`, 'length', 'links'), [5021, 0])
})

test('every fact has a meaning for the documentation', () => {
  assert.deepEqual(Object.keys(textFactMeanings), [...textFactNames])
})
