import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, Scalar } from 'yaml'
import { type PackProblem, suggestion } from './problems.ts'

/** A place in a pack's file, 1-based. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A value and where it was written. */
export interface Placed<T> {
  readonly value: T
  readonly at: Place
}

/** One YAML file being read: keeps positions, collects problems instead of throwing at the first. */
export interface Source {
  readonly file: string
  readonly root: Node | undefined
  place(node: Node | undefined): Place
  /** Place of character `offset` of a scalar's value, exact where the scalar is written on one line. */
  placeIn(node: Scalar, offset: number): Place
  problem(at: Place, field: string, message: string, hint?: string): void
}

/** Parses `text`. Syntax errors become problems, and then nothing more is read: what follows them would only confuse. */
export function openSource(file: string, text: string, problems: PackProblem[]): Source | undefined {
  const lines = new LineCounter()
  const document: Document.Parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  const source: Source = {
    file,
    root: document.contents ?? undefined,
    place: node => at(node?.range?.[0] ?? 0),
    placeIn(node, offset) {
      const start = node.range?.[0] ?? 0
      return at(start + offsetInSource(text.slice(start, node.range?.[1] ?? text.length), String(node.value), offset))
    },
    problem(place, field, message, hint) {
      problems.push({ ...place, field, message, ...(hint === undefined ? {} : { hint }) })
    },
  }
  for (const error of document.errors) source.problem(at(error.pos[0]), 'YAML', error.message.split('\n')[0] ?? '')
  return document.errors.length === 0 ? source : undefined
}

/**
 * A plain one-line scalar is its own source. Quoted and folded ones differ by quotes and indentation: there the word at
 * the offset is looked for, as many times as it occurs before.
 */
function offsetInSource(raw: string, value: string, offset: number): number {
  if (raw.startsWith(value)) return offset
  const word = /^[\w.]+|^\S/.exec(value.slice(offset))?.[0]
  if (word === undefined) return 0
  let found = -1
  for (let from = value.indexOf(word); from >= 0 && from <= offset; from = value.indexOf(word, from + 1)) {
    const next = raw.indexOf(word, found + 1)
    if (next < 0) return Math.max(found, 0)
    found = next
  }
  return Math.max(found, 0)
}

/** The entries of a mapping; unknown keys are problems with the nearest valid name. `undefined` when it is no mapping. */
export function readMap(
  source: Source,
  node: Node | undefined,
  field: string,
  valid?: readonly string[],
): Map<string, Node> | undefined {
  if (!isMap(node)) {
    source.problem(source.place(node), field, 'must be a mapping (name: value)')
    return undefined
  }
  const entries = new Map<string, Node>()
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : ''
    const place = source.place(isScalar(key) ? key : node)
    if (valid !== undefined && !valid.includes(name)) {
      source.problem(place, field, `unknown field "${name}"`, suggestion(name, valid) ?? `valid: ${valid.join(', ')}`)
    } else entries.set(name, value instanceof Object && 'range' in value ? (value as Node) : emptyAt(key as Node))
  }
  return entries
}

/** `key:` without a value: an empty scalar that knows where it stands. */
function emptyAt(key: Node): Node {
  const empty = new Scalar(null)
  if (key.range !== undefined && key.range !== null) empty.range = key.range
  return empty
}

/** The items of a sequence; one item alone stands for itself. */
export function readItems(node: Node): readonly Node[] {
  return isSeq(node) ? (node.items as Node[]) : [node]
}

export function readText(source: Source, node: Node, field: string): Placed<string> | undefined {
  if (isScalar(node) && typeof node.value === 'string' && node.value.trim() !== '') {
    return { value: node.value, at: source.place(node) }
  }
  source.problem(source.place(node), field, 'must be text')
  return undefined
}

/** Text as it is written, where YAML would see a number: `+33123456789` and 112 are entries of a list too. */
export function readWord(source: Source, node: Node, field: string): Placed<string> | undefined {
  if (isScalar(node) && node.value !== null && node.value !== '') {
    return { value: node.source ?? String(node.value), at: source.place(node) }
  }
  source.problem(source.place(node), field, 'must be text')
  return undefined
}

export function readNumber(
  source: Source,
  node: Node,
  field: string,
  min: number,
  max: number,
): Placed<number> | undefined {
  const value = isScalar(node) ? node.value : undefined
  if (typeof value === 'number' && value >= min && value <= max) return { value, at: source.place(node) }
  source.problem(source.place(node), field, `must be a number from ${min} to ${max}`)
  return undefined
}

export function readChoice<T extends string>(
  source: Source,
  node: Node,
  field: string,
  choices: readonly T[],
): Placed<T> | undefined {
  // YAML reads a bare `off` as text (1.2) but people also write false: say what is valid.
  const value = isScalar(node) ? String(node.value) : ''
  const found = choices.find(choice => choice === value)
  if (found !== undefined) return { value: found, at: source.place(node) }
  const message = `"${value}" is not valid`
  source.problem(source.place(node), field, message, suggestion(value, choices) ?? `valid: ${choices.join(', ')}`)
  return undefined
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `30s`, `10m`, `1h`, `7d` in milliseconds. */
export function readDuration(source: Source, node: Node, field: string): Placed<number> | undefined {
  const match = isScalar(node) ? /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(String(node.value)) : null
  if (match !== null) return { value: Number(match[1]) * UNITS_MS[match[2]!]!, at: source.place(node) }
  source.problem(source.place(node), field, 'must be a duration', '30s, 10m, 1h or 7d')
  return undefined
}

/** `{ en: …, fr: … }`, both needed: every verdict speaks both languages. */
export function readBilingual(
  source: Source,
  node: Node,
  field: string,
): Placed<{ en: string; fr: string }> | undefined {
  const entries = readMap(source, node, field, ['en', 'fr'])
  if (entries === undefined) return undefined
  const texts: Record<string, string> = {}
  for (const language of ['en', 'fr']) {
    const value = entries.get(language)
    if (value === undefined) source.problem(source.place(node), `${field}.${language}`, 'is missing')
    else texts[language] = readText(source, value, `${field}.${language}`)?.value ?? ''
  }
  return texts.en && texts.fr ? { value: { en: texts.en, fr: texts.fr }, at: source.place(node) } : undefined
}
