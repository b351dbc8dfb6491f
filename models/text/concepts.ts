import { SPACE } from './alphabet.ts'
import { CONCEPTS, LEXICON } from './lexicon.ts'
import { createNormalised, type Normalised, normalise } from './normalise.ts'

/** Looks for the stems of the lexicon in a normalised text: one look at a table a unit, a comparison where the table says so. */
const BITS = 14
const MASK = (1 << BITS) - 1

interface Stem {
  readonly units: Uint16Array
  readonly concept: number
  /** Only at the beginning of a word. */
  readonly atWord: boolean
}

interface Index {
  readonly stems: readonly Stem[]
  /** First stem + 1 of each hash of two units. */
  readonly heads: Uint16Array
  /** Next stem + 1 of the same hash. */
  readonly next: Uint16Array
}

let index: Index | undefined

/** Adds to `counts[concept]` one for each stem found; a stem inside a longer one found at the same place counts too. */
export function countConcepts(text: Normalised, counts: Uint16Array): void {
  index ??= buildIndex()
  const { stems, heads, next } = index
  const { units, length } = text
  counts.fill(0)
  for (let i = 1; i + 1 < length; i++) {
    let entry = heads[hashOf(units[i]!, units[i + 1]!)]!
    while (entry !== 0) {
      const stem = stems[entry - 1]!
      if ((!stem.atWord || units[i - 1] === SPACE) && matches(units, i, length, stem.units)) counts[stem.concept]!++
      entry = next[entry - 1]!
    }
  }
}

function hashOf(first: number, second: number): number {
  return (Math.imul(first, 0x9e37) + Math.imul(second, 0x85eb) + (second << 5)) & MASK
}

function matches(units: Uint16Array, from: number, length: number, stem: Uint16Array): boolean {
  if (from + stem.length > length) return false
  for (let k = 2; k < stem.length; k++) if (units[from + k] !== stem[k]) return false
  return units[from] === stem[0] && units[from + 1] === stem[1]
}

function buildIndex(): Index {
  const stems: Stem[] = []
  const known = new Set<string>()
  const folded = createNormalised()
  for (const [concept, name] of CONCEPTS.entries()) {
    for (const word of LEXICON[name].split(/[\n,]/)) {
      const trimmed = word.trim()
      if (trimmed === '') continue
      normalise(trimmed, folded)
      const units = folded.units.slice(1, folded.length - 1)
      const key = `${concept} ${units.join(' ')}`
      if (units.length < 2 || known.has(key)) continue
      known.add(key)
      stems.push({ units, concept, atWord: partsWords(trimmed) })
    }
  }
  const heads = new Uint16Array(1 << BITS)
  const next = new Uint16Array(stems.length)
  for (const [i, stem] of stems.entries()) {
    const hash = hashOf(stem.units[0]!, stem.units[1]!)
    next[i] = heads[hash]!
    heads[hash] = i + 1
  }
  return { stems, heads, next }
}

/** Whether a script writes its words apart, without prefixes grown onto them. */
function partsWords(word: string): boolean {
  return !/[\p{Script=Arabic}\p{Script=Thai}\p{Script=Han}\p{Script=Devanagari}]/u.test(word)
}
