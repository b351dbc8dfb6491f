import { addressSet, type Block, readBlock } from './addresses.ts'
import type { ListKind, MemberSet } from './kinds.ts'
import { numberSet, numberValue, numberValueOf, prefixSet, rangeSet } from './numbers.ts'
import { mergeIntervals } from './sorted.ts'
import { agentSet, senderSet } from './words.ts'

/** Text of a list: one entry a line, `#` comments, blank lines; in CSV the first column counts, the rest are notes. */
export interface ListSource {
  readonly kind: ListKind
  readonly bytes: Uint8Array
}

export interface ListProblem {
  readonly line: number
  readonly column: number
  readonly message: string
  readonly hint: string
}

const MAX_PROBLEMS = 20
const NEWLINE = 10
const COMMA = 44
const HASH = 35

/** Reads a list. Entries that are not of its kind are problems with their place; up to 20 are given. */
export function readList({ kind, bytes }: ListSource): { set: MemberSet; problems: readonly ListProblem[] } {
  const problems: ListProblem[] = []
  const builder = builders[kind]()
  eachEntry(bytes, (from, to, line, column) => {
    if (builder.addBytes?.(bytes, from, to) || problems.length >= MAX_PROBLEMS) return
    const entry = decoder.decode(bytes.subarray(from, to))
    if (builder.add(entry)) return
    problems.push({ line, column, message: `"${clip(entry)}" is not ${wanted[kind].what}`, hint: wanted[kind].example })
  })
  return { set: builder.build(), problems }
}

const wanted: Readonly<Record<ListKind, { what: string; example: string }>> = {
  numbers: { what: 'a number or an address of a party', example: 'one a line: +33123456789 or sip:name@host' },
  ranges: { what: 'a range of numbers', example: 'both ends with as many digits: +33160000000-+33160009999' },
  prefixes: { what: 'a prefix of numbers', example: 'a + and up to 15 digits: +3389' },
  addresses: { what: 'an address or block', example: '192.0.2.1, 192.0.2.0/24 or 2001:db8::/32' },
  agents: {
    what: 'a part of a user agent',
    example: 'at least 2 characters; ^ at its start binds it to the beginning',
  },
  senders: { what: 'a sender id', example: 'letters, digits and spaces as shown to the recipient' },
}

interface Builder {
  /** False: not an entry of this kind. */
  add(entry: string): boolean
  /** The quick way for the entries that have one; false: try `add`. */
  addBytes?(bytes: Uint8Array, from: number, to: number): boolean
  build(): MemberSet
}

const builders: Readonly<Record<ListKind, () => Builder>> = {
  numbers() {
    const values = growing()
    const others = new Set<string>()
    return {
      add(entry) {
        const value = numberValue(entry)
        if (value >= 0) values.push(value)
        else if (isShortCode(entry) || isAddress(entry)) others.add(entry)
        else return false
        return true
      },
      addBytes(bytes, from, to) {
        const value = numberValueOf(bytes, from, to)
        if (value >= 0) values.push(value)
        return value >= 0
      },
      build: () => numberSet(values.take(), others),
    }
  },
  ranges() {
    const starts: number[] = []
    const ends: number[] = []
    return {
      add(entry) {
        const dash = entry.indexOf('-')
        const [from, to] = dash < 0 ? [entry, entry] : [entry.slice(0, dash).trim(), entry.slice(dash + 1).trim()]
        const [start, end] = [numberValue(from), numberValue(to)]
        if (start < 0 || end < start || String(start).length !== String(end).length) return false
        starts.push(start)
        ends.push(end)
        return true
      },
      build: () => rangeSet(mergeIntervals(starts, ends), starts.length),
    }
  },
  prefixes() {
    const byLength = new Map<number, ReturnType<typeof growing>>()
    return {
      add(entry) {
        const value = numberValue(entry)
        if (value < 0) return false
        const length = String(value).length
        const values = byLength.get(length) ?? growing()
        byLength.set(length, values)
        values.push(value)
        return true
      },
      build: () => prefixSet(new Map([...byLength].map(([length, values]) => [length, values.take()]))),
    }
  },
  addresses() {
    const blocks: Block[] = []
    return {
      add(entry) {
        const block = readBlock(entry)
        if (block !== undefined) blocks.push(block)
        return block !== undefined
      },
      build: () => addressSet(blocks),
    }
  },
  agents: () => words(entry => entry.replace('^', '').length >= 2, agentSet),
  senders: () => words(entry => entry.length <= 64, senderSet),
}

/** `000` begins with a zero and is no E.164 number; a national number such as 0612345678 is an error, not a party. */
function isShortCode(entry: string): boolean {
  return /^\d{2,6}$/.test(entry)
}

function isAddress(entry: string): boolean {
  return /^[^\s,]{1,256}$/.test(entry) && !/^\+?\d+$/.test(entry)
}

function words(valid: (entry: string) => boolean, make: (entries: readonly string[]) => MemberSet): Builder {
  const entries: string[] = []
  return {
    add(entry) {
      if (!valid(entry)) return false
      entries.push(entry)
      return true
    },
    build: () => make(entries),
  }
}

/** A Float64Array that grows by half: millions of numbers without an array of boxed ones. */
function growing(): { push(value: number): void; take(): Float64Array } {
  let values = new Float64Array(1_024)
  let length = 0
  return {
    push(value) {
      if (length === values.length) {
        const larger = new Float64Array(length + (length >> 1))
        larger.set(values)
        values = larger
      }
      values[length++] = value
    },
    take: () => values.slice(0, length),
  }
}

const decoder = new TextDecoder()

/** Calls `take` with the bounds of each entry and its place (1-based). A `#` begins a comment at the start of a line or after a blank. */
function eachEntry(bytes: Uint8Array, take: (from: number, to: number, line: number, column: number) => void): void {
  let line = 0
  for (let start = 0; start < bytes.length; ) {
    line++
    let end = bytes.indexOf(NEWLINE, start)
    if (end < 0) end = bytes.length
    let from = start
    while (from < end && isBlank(bytes[from]!)) from++
    let to = from
    while (to < end && bytes[to] !== COMMA && !(bytes[to] === HASH && (to === from || isBlank(bytes[to - 1]!)))) to++
    while (to > from && isBlank(bytes[to - 1]!)) to--
    if (to > from) take(from, to, line, from - start + 1)
    start = end + 1
  }
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 13 || byte === 0xef || byte === 0xbb || byte === 0xbf
}

function clip(entry: string): string {
  return entry.length > 40 ? `${entry.slice(0, 40)}…` : entry
}
