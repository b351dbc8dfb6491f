import { basename } from 'node:path'
import { RingfenceError } from '../../engine/errors/index.ts'
import { type Hash128, hashText } from '../../engine/hash/index.ts'
import { readInput } from './read-input.ts'

/** What a message is, as the network's second head tells; `unknown` rows teach only spam or not. */
export const textKinds = ['ordinary', 'code', 'promotion', 'scam'] as const
export type TextKind = (typeof textKinds)[number]

export interface TextRow {
  /** Base name of the file it came from. */
  readonly file: string
  readonly text: string
  /** 1 spam, 0 ham. */
  readonly label: 0 | 1
  /** The kind as the file calls it. */
  readonly fileKind: string
  readonly kind: TextKind | undefined
  /** Near-duplicates share it: they stay on one side of every split. */
  readonly group: number
}

// What the files call a kind. Generic spam (UCI, comments, chat) says nothing about which sort it is.
const KINDS: Readonly<Record<string, TextKind>> = {
  'ham/otp': 'code',
  'spam/promo': 'promotion',
  'spam/scam': 'scam',
  'spam/fraud': 'scam',
  'spam/smishing': 'scam',
}
// In these two files "spam" is advertising: scams have a name of their own in the first, the second is brands' offers.
const PROMOTION_FILES = new Set(['thai.tsv', 'turkish.tsv'])

/** Reads one labelled file: header `label<TAB>kind<TAB>text`, label `spam` or `ham`. Throws INPUT_INVALID with file and line. */
export function readTextFile(path: string): TextRow[] {
  return parseTextRows(readInput(path, 'give a file: label, kind, text, separated by tabs'), basename(path))
}

/** The rows of a labelled file's content; `file` names it in rows and errors. */
export function parseTextRows(content: string, file: string): TextRow[] {
  const lines = content.split('\n')
  if (!/^label\tkind\ttext\r?$/.test(lines[0] ?? '')) {
    throw new RingfenceError('INPUT_INVALID', `${file}:1: header is not label<TAB>kind<TAB>text`, {
      hint: 'name the three columns in the first line',
    })
  }
  const rows: TextRow[] = []
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i]!.endsWith('\r') ? lines[i]!.slice(0, -1) : lines[i]!
    if (line === '') continue
    const [label, fileKind, ...rest] = line.split('\t')
    if ((label !== 'spam' && label !== 'ham') || fileKind === undefined || rest.length === 0) {
      throw new RingfenceError('INPUT_INVALID', `${file}:${i + 1}: not label, kind and text`, {
        hint: 'label is spam or ham',
      })
    }
    rows.push(textRow(file, rest.join(' '), label === 'spam' ? 1 : 0, fileKind))
  }
  return rows
}

/** A row from its parts. */
export function textRow(file: string, text: string, label: 0 | 1, fileKind: string): TextRow {
  return { file, text, label, fileKind, kind: kindOf(file, label, fileKind), group: groupOf(text) }
}

function kindOf(file: string, label: 0 | 1, fileKind: string): TextKind | undefined {
  const known = KINDS[`${label === 1 ? 'spam' : 'ham'}/${fileKind}`]
  if (known !== undefined) return known
  if (label === 0) return 'ordinary'
  return PROMOTION_FILES.has(file) ? 'promotion' : undefined
}

const hash: Hash128 = new Uint32Array(4)

/** Hash of a text without digits, case, spaces and signs: equal for the copies of one template. */
export function groupOf(text: string): number {
  const letters = text.toLowerCase().replace(/[^\p{L}\p{M}]+/gu, '')
  hashText(letters === '' ? text : letters, 7, hash)
  return hash[0]! * 0x100000 + (hash[1]! >>> 12)
}

/**
 * Takes repeated texts away (case and spacing aside), over all files: the first stays. A text that is labelled both ways
 * is dropped altogether. Before any split, or a copy of a test row would be trained on.
 */
export function withoutDuplicates(rows: readonly TextRow[]): TextRow[] {
  const first = new Map<string, TextRow>()
  const disputed = new Set<string>()
  for (const row of rows) {
    const key = row.text.toLowerCase().replace(/\s+/g, ' ').trim()
    const known = first.get(key)
    if (known === undefined) first.set(key, row)
    else if (known.label !== row.label) disputed.add(key)
  }
  return [...first].filter(([key]) => !disputed.has(key)).map(([, row]) => row)
}

/** The fold of a row out of `folds`: a function of its group and the seed alone. */
export function foldOf(row: TextRow, folds: number, seed: number): number {
  return Math.floor(mixed(row.group, seed) * folds)
}

function mixed(group: number, seed: number): number {
  let h = ((group % 4294967296) ^ Math.imul(seed + 1, 0x9e3779b1)) | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296
}
