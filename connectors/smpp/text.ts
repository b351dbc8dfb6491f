import { decodeSeptets, unpackSeptets } from './gsm7.ts'

/** Which alphabet the octets of a short message are in. */
export type Alphabet =
  | 'gsm7'
  | 'ascii'
  | 'latin1'
  | 'cyrillic'
  | 'hebrew'
  | 'ucs2'
  | 'shift_jis'
  | 'iso-2022-jp'
  | 'euc-kr'
  | 'binary'

/** Alphabets that an SMSC may have as its default one. */
export const defaultAlphabets = ['gsm7', 'gsm7-packed', 'latin1', 'ascii', 'utf-8'] as const
export type DefaultAlphabet = (typeof defaultAlphabets)[number]

/** By data_coding 0–14 (SMPP 3.4 clause 5.2.19). */
const byCoding: readonly Alphabet[] = [
  'gsm7',
  'ascii',
  'binary',
  'latin1',
  'binary',
  'shift_jis',
  'cyrillic',
  'hebrew',
  'ucs2',
  'binary',
  'iso-2022-jp',
  'binary',
  'binary',
  'shift_jis',
  'euc-kr',
]

/**
 * Alphabet that a data_coding names. Values that clause 5.2.19 leaves open or hands to GSM are read as the data coding
 * scheme of 3GPP TS 23.038 clause 4: that is what networks put there (0x10–0x1F class 0 and so on, 0xF0 and up).
 */
export function alphabetOf(dataCoding: number): Alphabet {
  if (dataCoding < byCoding.length) return byCoding[dataCoding]!
  if (dataCoding >= 0xf0) return (dataCoding & 0x04) === 0 ? 'gsm7' : 'binary'
  if (dataCoding >= 0xe0) return 'ucs2'
  if (dataCoding >= 0xc0) return 'gsm7'
  if (dataCoding >= 0x80) return 'binary'
  const coding = (dataCoding >> 2) & 3
  return coding === 0 ? 'gsm7' : coding === 2 ? 'ucs2' : 'binary'
}

const decoders = new Map<string, InstanceType<typeof TextDecoder>>([
  ['cyrillic', new TextDecoder('iso-8859-5')],
  ['hebrew', new TextDecoder('iso-8859-8')],
  ['shift_jis', new TextDecoder('shift_jis')],
  ['iso-2022-jp', new TextDecoder('iso-2022-jp')],
  ['euc-kr', new TextDecoder('euc-kr')],
  ['utf-8', new TextDecoder('utf-8')],
])

/** Languages and place of the text, from its user data header. */
export interface TextContext {
  readonly locking: number
  readonly single: number
  /** Octets of the header before the text: packed septets begin at a septet boundary after it. */
  readonly headerBytes: number
}

/**
 * Text of `bytes[start, end)`; undefined for binary.
 * Octets that the alphabet does not know become U+FFFD (or a space in the GSM alphabet, as a handset shows them).
 * @param smscDefault what data_coding 0 means on this SMSC: the specification leaves it to the SMSC
 */
export function decodeText(
  bytes: Uint8Array,
  start: number,
  end: number,
  dataCoding: number,
  smscDefault: DefaultAlphabet,
  context: TextContext,
): string | undefined {
  const alphabet = alphabetOf(dataCoding)
  if (alphabet === 'binary') return undefined
  if (alphabet === 'ucs2') return utf16(bytes, start, end)
  if (alphabet === 'gsm7') return decodeDefault(bytes, start, end, smscDefault, context)
  if (alphabet === 'ascii' && isSeptets(bytes, start, end, context)) {
    return decodeSeptets(bytes, start, end, context.locking, context.single)
  }
  if (alphabet === 'ascii' || alphabet === 'latin1') return view(bytes, start, end).toString('latin1')
  return decoders.get(alphabet)!.decode(bytes.subarray(start, end))
}

/**
 * Some ESMEs (the `smpp` package among them) send the GSM alphabet under data_coding 1. A national table, or a control
 * character that no text has (`@`, `$`, `_` and the escape in the GSM alphabet), gives it away.
 */
function isSeptets(bytes: Uint8Array, start: number, end: number, context: TextContext): boolean {
  if (context.locking !== 0 || context.single !== 0) return true
  for (let i = start; i < end; i++) {
    const octet = bytes[i]!
    if (octet < 0x20 && octet !== 0x0a && octet !== 0x0d && octet !== 0x09) return true
  }
  return false
}

function decodeDefault(
  bytes: Uint8Array,
  start: number,
  end: number,
  smscDefault: DefaultAlphabet,
  { locking, single, headerBytes }: TextContext,
): string {
  switch (smscDefault) {
    case 'gsm7':
      return decodeSeptets(bytes, start, end, locking, single)
    case 'gsm7-packed': {
      const septets = unpackSeptets(bytes, start, end, (7 - ((headerBytes * 8) % 7)) % 7)
      return decodeSeptets(septets, 0, septets.length, locking, single)
    }
    case 'latin1':
    case 'ascii':
      return view(bytes, start, end).toString('latin1')
    case 'utf-8':
      return decoders.get('utf-8')!.decode(bytes.subarray(start, end))
  }
}

/** UCS-2 is what the specification says, UTF-16 what handsets send: surrogate pairs stay pairs. An odd last octet is no character. */
function utf16(bytes: Uint8Array, start: number, end: number): string {
  const swapped = Buffer.from(bytes.subarray(start, start + ((end - start) & ~1)))
  return swapped.swap16().toString('utf16le')
}

function view(bytes: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
}
