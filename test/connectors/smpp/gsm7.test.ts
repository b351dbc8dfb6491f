import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import smpp from 'smpp'
import { decodeSeptets, lockingTable, shiftTable, unpackSeptets } from '../../../connectors/smpp/index.ts'

const decode = (hex: string, locking = 0, single = 0) => {
  const bytes = Buffer.from(hex, 'hex')
  return decodeSeptets(bytes, 0, bytes.length, locking, single)
}

/** Characters of the default alphabet and its extension that the smpp package encodes right (it doubles a backslash). */
const characters = [
  ...'@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà\f^{}[~]|€',
]

describe('the GSM 7-bit alphabet', () => {
  it('reads what the smpp package writes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...characters), { maxLength: 160 }), letters => {
        const text = letters.join('')
        const bytes = smpp.gsmCoder.encode(text, 0)
        assert.equal(decodeSeptets(bytes, 0, bytes.length, 0, 0), text)
      }),
    )
  })

  it('reads national single shift tables as the smpp package writes them', () => {
    // TS 23.038 A.2.1–A.2.3: an escape and the Latin letter that each stands under.
    assert.equal(decode('1b471b491b531b631b671b691b731b65', 0, 1), 'ĞİŞçğış€')
    assert.equal(decode('1b411b491b4f1b551b611b691b6f1b751b09', 0, 2), 'ÁÍÓÚáíóúç')
    assert.equal(decode('1b051b0b1b0c1b1f1b5b1b7b1b7c1b7f', 0, 3), 'êÔôÊÃãõâ')
    for (const [language, text] of [
      [1, 'Iğdır şehri çok güzel €'],
      [3, 'Não há coração à mão'],
    ] as const) {
      const bytes = smpp.gsmCoder.encode(text, language)
      assert.equal(decodeSeptets(bytes, 0, bytes.length, language, language), text)
    }
  })

  it('reads the Indic and Urdu locking shift tables', () => {
    assert.equal(decode('2f424c5f2759', 6), 'नमस्ते')
    assert.equal(decode('4050014650', 4), 'বাংলা')
    assert.equal(decode('274251485f', 11), 'தமிழ்')
    assert.equal(decode('00484e5854', 13).length, 5)
    assert.equal(decode('1b1c1b1d1b41', 6, 6), '०१A')
  })

  it('shows a space for what is not assigned, and the main character after an escape that the shift table leaves open', () => {
    assert.equal(decode('1b'), ' ')
    assert.equal(decode('1b61'), 'a')
    assert.equal(decode('3e', 4), 'ফ')
    assert.equal(decode('3c', 4), ' ')
  })

  it('has no character twice in a locking table and 128 places in each', () => {
    for (let language = 0; language <= 13; language++) {
      const assigned = [...lockingTable(language)].filter(unit => unit !== 0 && unit !== 0x20)
      assert.equal(lockingTable(language).length, 128)
      assert.equal(shiftTable(language).length, 128)
      assert.equal(new Set(assigned).size, assigned.length, `language ${language}`)
    }
  })

  it('unpacks septets', () => {
    // TS 23.038 clause 6.1.2.1: "hellohello" packed.
    const packed = Buffer.from('e8329bfd4697d9ec37', 'hex')
    const septets = unpackSeptets(packed, 0, packed.length, 0)
    assert.equal(decodeSeptets(septets, 0, septets.length, 0, 0), 'hellohello')
  })

  it('unpacks what was packed, with any number of fill bits', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 160 }), fc.nat(6), (raw, fill) => {
        const septets = raw.map(octet => (octet % 126) + 1)
        // The padding rule looks at CR only: leave it out.
        const wanted = septets.map(septet => (septet === 0x0d ? 0x20 : septet))
        const packed = pack(wanted, fill)
        const read = unpackSeptets(packed, 0, packed.length, fill)
        assert.deepEqual([...read.subarray(0, wanted.length)], [...wanted])
        assert.ok(read.length - wanted.length <= 1)
      }),
    )
  })
})

function pack(septets: Uint8Array, fillBits: number): Uint8Array {
  const out = new Uint8Array(Math.ceil((fillBits + septets.length * 7) / 8))
  septets.forEach((septet, i) => {
    for (let bit = 0; bit < 7; bit++) {
      const at = fillBits + i * 7 + bit
      if ((septet >> bit) & 1) out[at >> 3]! |= 1 << (at & 7)
    }
  })
  return out
}
