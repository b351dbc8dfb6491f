/**
 * The alphabets of 3GPP TS 23.038: default alphabet (clause 6.2.1), its extension (6.2.1.1), national language single
 * shift (annex A.2) and locking shift tables (annex A.3), by their language code. A table maps 128 septets to UTF-16 code
 * units, 0 where nothing is assigned.
 */
export type SeptetTable = Uint16Array

const ESCAPE = 0x1b

const DEFAULT =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\0ÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'

/** What the extension and the Latin single shift tables have in common, by septet. */
const EXTENSION: Changes = { 10: '\f', 20: '^', 40: '{}', 47: '\\', 60: '[~]', 64: '|', 101: '€' }

/** Runs of characters that stand from a septet on. */
type Changes = Readonly<Record<number, string>>

function tableOf(text: string): SeptetTable {
  return Uint16Array.from(text, character => character.charCodeAt(0))
}

function changed(table: SeptetTable, changes: Changes): SeptetTable {
  const copy = table.slice()
  for (const [start, run] of Object.entries(changes)) {
    for (let i = 0; i < run.length; i++) copy[Number(start) + i] = run.charCodeAt(i)
  }
  return copy
}

const empty = () => new Uint16Array(128)
const defaultTable = tableOf(DEFAULT)
const extensionTable = changed(empty(), EXTENSION)

/**
 * A locking table of A.3.4–A.3.12. The nine Indic ones have one frame: the letters of the script in the order of its Unicode
 * block, around Latin punctuation and digits, the last six places for what is left over.
 * @param block first code point of the Unicode block
 * @param absent offsets in the block that the script has no character for
 * @param last characters of septets 0x60 and 0x7B–0x7F
 */
function indic(block: number, absent: readonly number[], last: string): SeptetTable {
  const table = tableOf(
    `\0\0\0\0\0\0\0\0\0\0\n\0\0\r\0\0${'\0'.repeat(16)} !\0\0\0\0\0\0)(\0\0,\0.\x000123456789:;\0\0\0?${'\0'.repeat(33)}abcdefghijklmnopqrstuvwxyz\0\0\0\0\0`,
  )
  let offset = 1
  for (let septet = 0; septet < 0x60; septet++) {
    if (table[septet] !== 0 || septet === ESCAPE) continue
    if (offset === 0x04) offset++ // no Indic block of 2008 has a letter here
    if (offset === 0x3a) offset = 0x3c
    if (!absent.includes(offset)) table[septet] = block + offset
    offset++
  }
  return changed(table, { 96: last.slice(0, 1), 123: last.slice(1) })
}

const lockingTables: readonly (SeptetTable | undefined)[] = [
  defaultTable,
  /* Turkish */ changed(defaultTable, { 4: '€', 7: 'ı', 11: 'Ğğ', 28: 'Şş', 64: 'İ', 96: 'ç' }),
  /* Spanish has none */ undefined,
  /* Portuguese */ changed(defaultTable, {
    4: 'ê',
    6: 'úíóç',
    11: 'Ôô',
    14: 'Áá',
    18: 'ªÇÀ∞^\\€Ó|',
    28: 'ÂâÊ',
    36: 'º',
    64: 'Í',
    91: 'ÃÕÚÜ§~',
    123: 'ãõ`üà',
  }),
  /* Bengali */ indic(
    0x0980,
    [0x0d, 0x0e, 0x11, 0x12, 0x29, 0x31, 0x33, 0x34, 0x35, 0x45, 0x46, 0x49, 0x4a],
    '\u09ce\u09d7\u09dc\u09dd\u09f0\u09f1',
  ),
  /* Gujarati */ indic(0x0a80, [0x0e, 0x12, 0x29, 0x31, 0x34, 0x46, 0x4a], '\u0ad0\u0ae0\u0ae1\u0ae2\u0ae3\u0af1'),
  /* Hindi */ indic(0x0900, [], '\u0950\u0972\u097b\u097c\u097e\u097f'),
  /* Kannada */ indic(0x0c80, [0x01, 0x0d, 0x11, 0x29, 0x34, 0x45, 0x49], '\u0cd5\u0cd6\u0ce0\u0ce1\u0ce2\u0ce3'),
  /* Malayalam */ indic(0x0d00, [0x01, 0x0d, 0x11, 0x29, 0x3c, 0x45, 0x49], '\u0d57\u0d60\u0d61\u0d62\u0d63\u0d79'),
  /* Oriya */ indic(
    0x0b00,
    [0x0d, 0x0e, 0x11, 0x12, 0x29, 0x31, 0x34, 0x45, 0x46, 0x49, 0x4a],
    '\u0b56\u0b57\u0b60\u0b61\u0b62\u0b63',
  ),
  /* Punjabi */ indic(
    0x0a00,
    [0x0b, 0x0c, 0x0d, 0x0e, 0x11, 0x12, 0x29, 0x31, 0x34, 0x37, 0x3d, 0x43, 0x44, 0x45, 0x46, 0x49, 0x4a],
    '\u0a51\u0a70\u0a71\u0a72\u0a73\u0a74',
  ),
  /* Tamil */ indic(
    0x0b80,
    [
      0x01, 0x0b, 0x0c, 0x0d, 0x11, 0x16, 0x17, 0x18, 0x1b, 0x1d, 0x20, 0x21, 0x22, 0x25, 0x26, 0x27, 0x2b, 0x2c, 0x2d,
      0x3c, 0x3d, 0x43, 0x44, 0x45, 0x49,
    ],
    '\u0bd0\u0bd7\u0bf0\u0bf1\u0bf2\u0bf9',
  ),
  /* Telugu */ indic(0x0c00, [0x0d, 0x11, 0x29, 0x34, 0x3c, 0x45, 0x49], '\u0c55\u0c56\u0c60\u0c61\u0c62\u0c63'),
  /* Urdu */ tableOf(
    '\u0627\u0622\u0628\u067b\u0680\u067e\u06a6\u062a\u06c2\u067f\n\u0679\u067d\r\u067a\u067c' +
      '\u062b\u062c\u0681\u0684\u0683\u0685\u0686\u0687\u062d\u062e\u062f\0\u068c\u0688\u0689\u068a' +
      ' !\u068f\u068d\u0630\u0631\u0691\u0693)(\u0699\u0632,\u0696.\u06980123456789:;\u069a\u0633\u0634?' +
      '\u0635\u0636\u0637\u0638\u0639\u0641\u0642\u06a9\u06aa\u06ab\u06af\u06b3\u06b1\u0644\u0645\u0646' +
      '\u06ba\u06bb\u06bc\u0648\u06c4\u06d5\u06c1\u06be\u0621\u06cc\u06d0\u06d2\u064d\u0650\u064f\u0657' +
      '\u0654abcdefghijklmnopqrstuvwxyz\u0655\u0651\u0653\u0656\u0670',
  ),
]

/**
 * A single shift table of A.2.4–A.2.13: Latin capitals and signs in one frame, then the digits of the script and what its
 * locking table has no room for. @param zero the script's digit 0 (its nine others follow)
 */
function indicShift(danda: string, zero: number, more: Changes): SeptetTable {
  const digits = String.fromCharCode(...Array.from({ length: 10 }, (_, i) => zero + i))
  return changed(extensionTable, {
    0: '@£$¥¿"¤%&\'\f*+',
    14: '-/<=>¡^¡_#*',
    25: danda,
    28: digits,
    65: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    ...more,
  })
}

const DANDA = '\u0964\u0965'

const shiftTables: readonly SeptetTable[] = [
  extensionTable,
  /* Turkish */ changed(extensionTable, {
    71: 'Ğ',
    73: 'İ',
    83: 'Ş',
    99: 'ç',
    103: 'ğ',
    105: 'ı',
    115: 'ş',
  }),
  /* Spanish */ changed(extensionTable, {
    9: 'ç',
    65: 'Á',
    73: 'Í',
    79: 'Ó',
    85: 'Ú',
    97: 'á',
    105: 'í',
    111: 'ó',
    117: 'ú',
  }),
  /* Portuguese */ changed(extensionTable, {
    5: 'ê',
    9: 'ç\fÔô',
    14: 'Áá',
    18: 'ΦΓ^ΩΠΨΣΘ',
    31: 'Ê',
    65: 'À',
    73: 'Í',
    79: 'Ó',
    85: 'Ú',
    91: 'ÃÕ',
    97: 'Â',
    105: 'í',
    111: 'ó',
    117: 'ú',
    123: 'ãõ',
    127: 'â',
  }),
  /* Bengali */ changed(
    indicShift('\u09e6\u09e7', 0x09e8, {
      36: '\u09df\u09e0\u09e1\u09e2',
      42: '\u09e3\u09f2\u09f3\u09f4\u09f5',
      48: '\u09f6\u09f7\u09f8\u09f9\u09fa',
    }),
    {},
  ),
  /* Gujarati */ indicShift(DANDA, 0x0ae6, {}),
  /* Hindi */ indicShift(DANDA, 0x0966, {
    38: '\u0951\u0952',
    42: '\u0953\u0954\u0958\u0959\u095a',
    48: '\u095b\u095c\u095d\u095e\u095f\u0960\u0961\u0962\u0963\u0970\u0971',
  }),
  /* Kannada */ indicShift(DANDA, 0x0ce6, { 38: '\u0cde\u0cf1', 42: '\u0cf2' }),
  /* Malayalam */ indicShift(DANDA, 0x0d66, {
    38: '\u0d70\u0d71',
    42: '\u0d72\u0d73\u0d74\u0d75\u0d7a',
    48: '\u0d7b\u0d7c\u0d7d\u0d7e\u0d7f',
  }),
  /* Oriya */ indicShift(DANDA, 0x0b66, { 38: '\u0b5c\u0b5d', 42: '\u0b5f\u0b70\u0b71' }),
  /* Punjabi */ indicShift(DANDA, 0x0a66, { 38: '\u0a59\u0a5a', 42: '\u0a5b\u0a5c\u0a5e\u0a75' }),
  /* Tamil */ indicShift(DANDA, 0x0be6, { 38: '\u0bf3\u0bf4', 42: '\u0bf5\u0bf6\u0bf7\u0bf8\u0bfa' }),
  /* Telugu */ indicShift('\0\0', 0x0c66, {
    38: '\u0c58\u0c59',
    42: '\u0c78\u0c79\u0c7a\u0c7b\u0c7c',
    48: '\u0c7d\u0c7e\u0c7f',
  }),
  /* Urdu */ indicShift('\u0600\u0601', 0x06f0, {
    38: '\u060c\u060d',
    42: '\u060e\u060f\u0610\u0611\u0612',
    48: '\u0613\u0614\u061b\u061f\u0640\u0652\u0658\u066b\u066c\u0672\u0673\u06cd',
    63: '\u06d4',
  }),
]

/** Locking shift table of a language code, the default alphabet for a code that has none (A.1). */
export function lockingTable(language: number): SeptetTable {
  return lockingTables[language] ?? defaultTable
}

/** Single shift table of a language code, the default extension for a code that has none. */
export function shiftTable(language: number): SeptetTable {
  return shiftTables[language] ?? extensionTable
}
