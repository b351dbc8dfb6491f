import { readFileSync } from 'node:fs'
import { RingfenceError } from '../../engine/errors/index.ts'
import { type Hash128, hashText } from '../../engine/hash/index.ts'

/** Reads `party,label` with label 1 (spam) or 0. Throws INPUT_UNREADABLE or INPUT_INVALID with file and line. */
export function readLabels(path: string): Map<string, 0 | 1> {
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new RingfenceError('INPUT_UNREADABLE', `cannot read ${path}`, { cause, hint: 'give a CSV file: party,label' })
  }
  return parseLabels(content, path)
}

/** The labels of a file's content; `file` names it in errors. */
export function parseLabels(content: string, file: string): Map<string, 0 | 1> {
  const labels = new Map<string, 0 | 1>()
  for (const [i, raw] of content.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || (i === 0 && line === 'party,label')) continue
    const comma = line.lastIndexOf(',')
    const label = line.slice(comma + 1)
    if (comma < 1 || (label !== '0' && label !== '1')) {
      throw new RingfenceError('INPUT_INVALID', `${file}:${i + 1}: not party,label`, {
        hint: 'label is 1 for spam, 0 for the rest',
      })
    }
    labels.set(line.slice(0, comma), label === '1' ? 1 : 0)
  }
  return labels
}

const hash: Hash128 = new Uint32Array(4)

/** The fifth of the parties that no training touches. */
export const TEST_FIFTH = 0

/** Which fifth of all parties a party belongs to, by its name alone: 0 to 4. */
export function fifthOf(party: string): number {
  hashText(party, 0x51ce, hash)
  return (hash[0]! % 10) >> 1
}

/** Which of so many equal shares a party belongs to, apart from its fifth above. */
export function shareOf(party: string, shares: number): number {
  hashText(party, 0x2b7e, hash)
  return hash[0]! % shares
}
