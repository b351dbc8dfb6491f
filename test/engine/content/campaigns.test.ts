import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type CampaignOptions,
  type Campaigns,
  createCampaigns,
  decodeFingerprint,
  encodeFingerprint,
  FINGERPRINT_VALUES,
  fingerprintOf,
  resembles,
} from '../../../engine/content/index.ts'

const NOW = 1_764_000_000_000
const print = () => new Uint16Array(FINGERPRINT_VALUES)

function same(a: string, b: string): boolean {
  const first = print()
  const second = print()
  assert.ok(fingerprintOf(a, first), a)
  return fingerprintOf(b, second) && resembles(first, 0, second, 0)
}

const PARCEL =
  'Dear customer, your parcel 8812 is held at the depot. Pay the customs fee of 2.99 EUR at http://post.example/a1'

// Any UTF-16, broken surrogates included; fast-check's own binary strings take seconds to set up.
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0x20, max: 0x7e })), { maxLength: 300 })
  .map(units => String.fromCharCode(...units))

test('changed numbers, links, names, capitals, accents, invisible characters and lookalikes leave a text the same', () => {
  const mutations = [
    PARCEL.replace('8812', '977120').replace('2.99', '14.50'),
    PARCEL.replace('http://post.example/a1', 'https://bit.ly/9ZzQ1'),
    PARCEL.replace('Dear customer', 'Dear Mr Anderson'),
    PARCEL.toUpperCase(),
    PARCEL.replaceAll('e', '\u0435').replaceAll('o', '\u03bf').replaceAll('a', '\u0430'),
    PARCEL.replaceAll('a', 'á').replaceAll('u', 'ü'),
    [...PARCEL].join('\u200b'),
    PARCEL.replace('parcel', 'p a r c e l').replace('customs', 'c.u.s.t.o.m.s'),
    PARCEL.replace('parcel', 'p4rc3l').replace('customs', 'cust0ms'),
    [...PARCEL].map(c => (c >= 'a' && c <= 'z' ? String.fromCodePoint(0x1d41a + c.charCodeAt(0) - 97) : c)).join(''),
    [...PARCEL].map(c => (c >= 'a' && c <= 'z' ? String.fromCharCode(0xff41 + c.charCodeAt(0) - 97) : c)).join(''),
  ]
  for (const mutation of mutations) assert.ok(same(PARCEL, mutation), mutation)
})

test('it works in scripts without spaces and in those with two cases or none', () => {
  const pairs = [
    [
      '您的包裹因地址不详无法派送，请在24小时内点击链接 http://a.cn/1 更新地址信息',
      '您的包裹因地址不详无法派送，请在12小时内点击链接 http://b.cn/29 更新地址信息',
    ],
    [
      'พัสดุของคุณถูกระงับที่ศูนย์คัดแยก กรุณาชำระค่าธรรมเนียม 45 บาท ที่ http://th.example',
      'พัสดุของคุณถูกระงับที่ศูนย์คัดแยก กรุณาชำระค่าธรรมเนียม 120 บาท ที่ http://kk.example/9',
    ],
    [
      'Ваша карта заблокирована, срочно позвоните по номеру 8 800 555 35 35 для проверки',
      'Bаша кaрта зaблoкировaна, cрочно пoзвонитe пo номеpу 8 800 111 22 33 для прoвeрки',
    ],
    [
      'تم تعليق حسابك البنكي يرجى تحديث بياناتك عبر الرابط http://a.example خلال 24 ساعة',
      'تم تعليق حسابك البنكي يرجى تحديث بياناتك عبر الرابط http://b.example خلال 12 ساعة',
    ],
  ] as const
  for (const [a, b] of pairs) assert.ok(same(a, b), a)
})

test('different texts of the same kind stay different', () => {
  const texts = [
    PARCEL,
    'Dear customer, your bank card has been blocked. Confirm your details at http://bank.example/login to unlock it',
    'Hi mum, I lost my phone, this is my new number. Can you send me 300 euros for the rent, I will pay back tomorrow',
    'Congratulations! You have been selected for a holiday voucher worth 500 pounds. Text WIN to 80085 to claim yours',
    'Reminder: dentist appointment on Tuesday the 14th at 9:30 with Dr. Bell, reply C to confirm or R to reschedule',
  ]
  for (const a of texts) for (const b of texts) assert.equal(same(a, b), a === b)
})

test('greetings, laughter and one-word answers have no fingerprint', () => {
  for (const text of [
    'ok',
    'good morning',
    'Happy birthday!! :)',
    'hahahahahahahahahahahahahahahahahahaha',
    '早上好',
    '12345678901234567890',
    'http://a.example/',
    '',
  ])
    assert.equal(fingerprintOf(text, print()), false, text)
})

test('a text that is little more than a link is known by its link', () => {
  assert.ok(same('look here https://t.me/+jS6cJeri0ug5MDkx', 'LOOK  here! https://t.me/+jS6cJeri0ug5MDkx'))
  assert.ok(!same('look here https://t.me/+jS6cJeri0ug5MDkx', 'look here https://invite.example/kq-77210'))
  assert.equal(fingerprintOf('see www.bbc.co.uk', print()), false)
})

test('a fingerprint survives its text form; other text is none', () => {
  const one = print()
  fingerprintOf(PARCEL, one)
  const text = encodeFingerprint(one)
  assert.equal(text.length, 64)
  const back = print()
  assert.ok(decodeFingerprint(text, back))
  assert.deepEqual(back, one)
  for (const bad of ['', 'x', '*'.repeat(64), 'A'.repeat(63)]) assert.equal(decodeFingerprint(bad, back), false)
})

test('any text is taken, bounded in time, without a throw', () => {
  fc.assert(fc.property(anyText, text => typeof fingerprintOf(text, print()) === 'boolean'))
  fingerprintOf('가'.repeat(60_000), print())
})

function tracker(options: CampaignOptions = {}) {
  const campaigns = createCampaigns(options)
  return {
    campaigns,
    send: (text: string, origin: number, target: number, ms = NOW) => send(campaigns, text, origin, target, ms),
  }
}

function send(campaigns: Campaigns, text: string, origin: number, target: number, ms: number): number {
  const one = print()
  return fingerprintOf(text, one) ? campaigns.observe(one, mix(origin), mix(target), ms, text) : 0
}

const mix = (n: number): number => {
  let h = Math.imul(n + 1, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
const parcel = (n: number) => PARCEL.replace('8812', String(1000 + n)).replace('a1', `z${n}`)

test('many origins with mutated copies of one text are one campaign: size, origins, targets, first seen, sample', () => {
  const { campaigns, send } = tracker()
  assert.equal(send(parcel(0), 0, 1000), 0)
  const numbers = new Set<number>()
  for (let n = 1; n < 200; n++) numbers.add(send(parcel(n), n % 40, 1000 + n, NOW + n * 1000))
  assert.equal(numbers.size, 1)
  const [number] = numbers
  const campaign = campaigns.describe(number!)
  assert.equal(campaign.messages, 200)
  assert.ok(Math.abs(campaign.origins - 40) <= 5, `${campaign.origins}`)
  assert.ok(Math.abs(campaign.targets - 200) <= 30, `${campaign.targets}`)
  assert.equal(campaign.firstSeen, NOW)
  assert.ok((campaign.sample ?? '').startsWith('Dear customer, your parcel'))
  assert.equal(campaigns.begun, 1)
})

test('the id of a campaign is a function of its first message alone', () => {
  const describe = (second: number) => {
    const { campaigns, send } = tracker()
    send(parcel(0), 1, 2)
    return campaigns.describe(send(parcel(second), 3, 4)).id
  }
  assert.equal(describe(1), describe(77))
})

test('the same text to the same party again is no campaign', () => {
  const { campaigns, send } = tracker()
  for (let n = 0; n < 5; n++) assert.equal(send(PARCEL, 1, 2, NOW + n), 0)
  assert.equal(campaigns.begun, 0)
})

test('a campaign that has been still for its time is over; its text begins another', () => {
  const { campaigns, send } = tracker({ idleMs: 3_600_000 })
  send(parcel(0), 1, 2)
  assert.equal(campaigns.messages(send(parcel(1), 1, 3)), 2)
  assert.equal(send(parcel(2), 1, 4, NOW + 2 * 3_600_000), 0)
  const next = send(parcel(3), 1, 5, NOW + 2 * 3_600_000 + 1)
  assert.equal(campaigns.messages(next), 2)
  assert.equal(campaigns.describe(next).firstSeen, NOW + 2 * 3_600_000)
})

test('memory is bounded: a crowd of texts and campaigns pushes the stillest out, and that is counted', () => {
  const { campaigns, send } = tracker({ prints: 256, campaigns: 16 })
  const before = campaigns.bytes
  const word = (n: number) => mix(n).toString(36).replace(/\d/g, 'q')
  for (let n = 0; n < 300; n++) {
    const text = Array.from({ length: 12 }, (_, i) => word(n * 50 + i)).join(' ')
    send(text, 1, 2 * n, NOW + n)
    assert.notEqual(send(text, 2, 2 * n + 1, NOW + n), 0)
  }
  assert.equal(campaigns.bytes, before)
  assert.equal(campaigns.begun, 300)
  assert.equal(campaigns.crowdedOut, 284)
})
