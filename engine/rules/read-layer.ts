import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Node } from 'yaml'
import { messageOf } from '../errors/index.ts'
import { idOf } from '../hash/index.ts'
import { type ListKind, listKinds, type MemberSet, readList } from '../lists/index.ts'
import type { ListFiles } from './list-files.ts'
import { type ListEffect, listEffects } from './pack.ts'
import type { PackProblem } from './problems.ts'
import { type Draft, type DraftKind, readDraft, readTimezone } from './read-rule.ts'
import {
  openSource,
  type Placed,
  readBilingual,
  readChoice,
  readDuration,
  readItems,
  readMap,
  readNumber,
  readText,
  readWord,
  type Source,
} from './source.ts'

export interface ListDraft {
  readonly name: string
  readonly kind: ListKind
  readonly effect: Placed<ListEffect> | undefined
  readonly replaces: boolean
  readonly sets: readonly MemberSet[]
  readonly at: Placed<string>['at']
}

/** One pack folder as written: nothing is merged or type-checked yet. */
export interface Layer {
  readonly name: string
  /** Name, version and a hash of every file: changes whenever anything in the folder does. */
  readonly version: string
  readonly timezone: string | undefined
  readonly thresholds: ReadonlyMap<string, Placed<number>>
  readonly groups: ReadonlyMap<string, Placed<number>>
  readonly categories: ReadonlyMap<string, Placed<{ en: string; fr: string }>>
  readonly hold: Placed<number> | undefined
  readonly halfLife: Placed<number> | undefined
  readonly rules: readonly Draft[]
  readonly composites: readonly Draft[]
  readonly models: readonly Draft[]
  readonly lists: readonly ListDraft[]
}

const packFields = [
  'name',
  'version',
  'timezone',
  'thresholds',
  'groups',
  'categories',
  'hold',
  'halfLife',
  'composites',
  'models',
  'lists',
] as const
export const thresholdNames = ['flag', 'challenge', 'divert', 'block'] as const

/** A pack folder being read: its files, its problems, and a digest of all that was read. */
interface Reading {
  readonly folder: string
  readonly problems: PackProblem[]
  readonly digest: string[]
  readonly listFiles: ListFiles
}

/** Reads a pack folder: pack.yaml, rules/*.yaml and the lists that pack.yaml names. Problems are added, never thrown. */
export function readLayer(folder: string, problems: PackProblem[], listFiles: ListFiles): Layer | undefined {
  const reading: Reading = { folder, problems, digest: [], listFiles }
  const source = readSource(reading, join(folder, 'pack.yaml'))
  const header = source && readMap(source, source.root, 'pack', packFields)
  if (source === undefined || header === undefined) return undefined
  const nameNode = header.get('name')
  const name = nameNode && readText(source, nameNode, 'name')
  if (nameNode === undefined) source.problem(source.place(source.root), 'name', 'is missing')
  const duration = (field: 'hold' | 'halfLife') => {
    const node = header.get(field)
    return node && readDuration(source, node, field)
  }
  const lists = readLists(reading, source, header.get('lists'))
  const rules = ruleFiles(folder).flatMap(path => {
    const file = readSource(reading, path)
    return file === undefined ? [] : readDrafts(file, file.root, 'rule')
  })
  return {
    name: name?.value ?? folder,
    version: `${name?.value ?? '?'}-${versionOf(header.get('version'))}.${idOf(...reading.digest).slice(0, 8)}`,
    timezone: header.has('timezone') ? readTimezone(source, header.get('timezone'), 'timezone') : undefined,
    thresholds: readNumbers(source, header.get('thresholds'), 'thresholds', thresholdNames),
    groups: readNumbers(source, header.get('groups'), 'groups'),
    categories: readCategories(source, header.get('categories')),
    hold: duration('hold'),
    halfLife: duration('halfLife'),
    rules,
    composites: readDrafts(source, header.get('composites'), 'composite'),
    models: readDrafts(source, header.get('models'), 'model'),
    lists,
  }
}

function readSource({ folder, problems, digest }: Reading, path: string): Source | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    digest.push(path.slice(folder.length), text)
    return openSource(path, text, problems)
  } catch (error) {
    const message = `cannot be read: ${messageOf(error)}`
    problems.push({ file: path, line: 0, column: 0, field: 'pack', message })
    return undefined
  }
}

function versionOf(node: Node | undefined): string {
  const value = node === undefined ? undefined : (node as { value?: unknown }).value
  return value === undefined || value === null ? '0' : String(value)
}

function ruleFiles(folder: string): readonly string[] {
  const rules = join(folder, 'rules')
  if (!existsSync(rules)) return []
  return readdirSync(rules)
    .filter(file => /\.ya?ml$/.test(file) && !file.startsWith('.'))
    .sort()
    .map(file => join(rules, file))
}

function readDrafts(source: Source, node: Node | undefined, what: DraftKind): readonly Draft[] {
  if (node === undefined) return []
  const drafts: Draft[] = []
  for (const item of readItems(node)) {
    const draft = readDraft(source, item, what)
    if (draft === undefined) continue
    drafts.push(draft)
  }
  return drafts
}

function readNumbers(source: Source, node: Node | undefined, field: string, valid?: readonly string[]) {
  const numbers = new Map<string, Placed<number>>()
  if (node === undefined) return numbers
  for (const [name, value] of readMap(source, node, field, valid) ?? []) {
    const number = readNumber(source, value, `${field}.${name}`, 0, 100)
    if (number !== undefined) numbers.set(name, number)
  }
  return numbers
}

function readCategories(source: Source, node: Node | undefined) {
  const categories = new Map<string, Placed<{ en: string; fr: string }>>()
  if (node === undefined) return categories
  for (const [name, value] of readMap(source, node, 'categories') ?? []) {
    const says = readBilingual(source, value, `categories.${name}`)
    if (says !== undefined) categories.set(name, says)
  }
  return categories
}

function readLists(reading: Reading, source: Source, node: Node | undefined): readonly ListDraft[] {
  if (node === undefined) return []
  const lists: ListDraft[] = []
  for (const [name, value] of readMap(source, node, 'lists') ?? []) {
    const list = readListDraft(reading, source, name, value)
    if (list !== undefined) lists.push(list)
  }
  return lists
}

function readListDraft(reading: Reading, source: Source, name: string, node: Node): ListDraft | undefined {
  const field = `lists.${name}`
  const at = source.place(node)
  const entries = readMap(source, node, field, ['kind', 'file', 'entries', 'effect', 'merge'])
  if (entries === undefined) return undefined
  const [kindNode, effectNode, mergeNode] = [entries.get('kind'), entries.get('effect'), entries.get('merge')]
  if (kindNode === undefined) source.problem(at, `${field}.kind`, 'is missing', `valid: ${listKinds.join(', ')}`)
  const kind = kindNode && readChoice(source, kindNode, `${field}.kind`, listKinds)?.value
  if (kind === undefined) return undefined
  const sets = [
    ...readListFile(reading, source, entries.get('file'), field, kind),
    ...readEntries(source, entries.get('entries'), field, kind),
  ]
  const effect = effectNode && readChoice(source, effectNode, `${field}.effect`, listEffects)
  const merge = mergeNode && readChoice(source, mergeNode, `${field}.merge`, ['extend', 'replace'])
  return { name, kind, effect, replaces: merge?.value === 'replace', sets, at }
}

function readListFile(
  { folder, digest, listFiles, problems }: Reading,
  source: Source,
  node: Node | undefined,
  field: string,
  kind: ListKind,
): readonly MemberSet[] {
  const name = node && readText(source, node, `${field}.file`)
  if (name === undefined) return []
  const file = join(folder, name.value)
  try {
    const read = listFiles.read(file, kind)
    digest.push(name.value, read.digest)
    problems.push(...read.problems.map(problem => ({ ...problem, file, field })))
    return [read.set]
  } catch (error) {
    source.problem(name.at, `${field}.file`, `cannot be read: ${messageOf(error)}`)
    return []
  }
}

function readEntries(source: Source, node: Node | undefined, field: string, kind: ListKind): readonly MemberSet[] {
  if (node === undefined) return []
  const texts = readItems(node).map(item => readWord(source, item, `${field}.entries`)?.value ?? '')
  const { set, problems } = readList({ kind, bytes: Buffer.from(texts.join('\n')) })
  for (const { message, hint } of problems) source.problem(source.place(node), `${field}.entries`, message, hint)
  return [set]
}
