import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Node } from 'yaml'
import { idOf } from '../hash/index.ts'
import { type ListKind, listKinds, type MemberSet, readList } from '../lists/index.ts'
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
  type Source,
} from './source.ts'

export interface ListDraft {
  readonly name: string
  readonly kind: ListKind
  readonly effect: Placed<ListEffect> | undefined
  readonly replaces: boolean
  readonly set: MemberSet
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

/** Reads a pack folder: pack.yaml, rules/*.yaml and the lists that pack.yaml names. Problems are added, never thrown. */
export function readLayer(folder: string, problems: PackProblem[]): Layer | undefined {
  const digest: string[] = []
  const read = (path: string): string | undefined => {
    try {
      const text = readFileSync(path, 'utf8')
      digest.push(path.slice(folder.length), text)
      return text
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      problems.push({ file: path, line: 0, column: 0, field: 'pack', message: `cannot be read: ${message}` })
      return undefined
    }
  }
  const file = join(folder, 'pack.yaml')
  const text = read(file)
  if (text === undefined) return undefined
  const source = openSource(file, text, problems)
  const header = readMap(source, source.root, 'pack', packFields)
  if (header === undefined) return undefined
  const name = header.has('name') ? readText(source, header.get('name')!, 'name') : undefined
  if (!header.has('name')) source.problem(source.place(source.root), 'name', 'is missing')
  const lists = readLists(source, header.get('lists'), folder, read)
  const rules = ruleFiles(folder).flatMap(path => readRules(path, read(path), problems))
  return {
    name: name?.value ?? folder,
    version: `${name?.value ?? '?'}-${versionOf(header.get('version'))}.${idOf(...digest).slice(0, 8)}`,
    timezone: header.has('timezone') ? readTimezone(source, header.get('timezone'), 'timezone') : undefined,
    thresholds: readNumbers(source, header.get('thresholds'), 'thresholds', thresholdNames),
    groups: readNumbers(source, header.get('groups'), 'groups'),
    categories: readCategories(source, header.get('categories')),
    hold: header.has('hold') ? readDuration(source, header.get('hold')!, 'hold') : undefined,
    halfLife: header.has('halfLife') ? readDuration(source, header.get('halfLife')!, 'halfLife') : undefined,
    rules,
    composites: readDrafts(source, header.get('composites'), 'composite'),
    models: readDrafts(source, header.get('models'), 'model'),
    lists,
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

function readRules(path: string, text: string | undefined, problems: PackProblem[]): readonly Draft[] {
  if (text === undefined) return []
  const source = openSource(path, text, problems)
  return readDrafts(source, source.root, 'rule')
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

function readLists(
  source: Source,
  node: Node | undefined,
  folder: string,
  read: (path: string) => string | undefined,
): readonly ListDraft[] {
  if (node === undefined) return []
  const lists: ListDraft[] = []
  for (const [name, value] of readMap(source, node, 'lists') ?? []) {
    const list = readListDraft(source, name, value, folder, read)
    if (list !== undefined) lists.push(list)
  }
  return lists
}

function readListDraft(
  source: Source,
  name: string,
  node: Node,
  folder: string,
  read: (path: string) => string | undefined,
): ListDraft | undefined {
  const field = `lists.${name}`
  const entries = readMap(source, node, field, ['kind', 'file', 'entries', 'effect', 'merge'])
  if (entries === undefined) return undefined
  const kindNode = entries.get('kind')
  if (kindNode === undefined)
    source.problem(source.place(node), `${field}.kind`, `is missing`, `valid: ${listKinds.join(', ')}`)
  const kind = kindNode && readChoice(source, kindNode, `${field}.kind`, listKinds)
  const effectNode = entries.get('effect')
  const effect = effectNode && readChoice(source, effectNode, `${field}.effect`, listEffects)
  const mergeNode = entries.get('merge')
  const merge = mergeNode && readChoice(source, mergeNode, `${field}.merge`, ['extend', 'replace'])
  if (kind === undefined) return undefined
  const fileNode = entries.get('file')
  const file = fileNode && readText(source, fileNode, `${field}.file`)
  const path = file === undefined ? undefined : join(folder, file.value)
  const inline = entries.has('entries')
    ? readItems(entries.get('entries')!).map(item => readText(source, item, `${field}.entries`)?.value ?? '')
    : []
  const text = path === undefined ? '' : read(path)
  if (text === undefined) return undefined
  const listed = readList({ kind: kind.value, bytes: Buffer.from(`${text}\n${inline.join('\n')}`) })
  for (const { line, column, message, hint } of listed.problems) {
    const place = path === undefined ? source.place(node) : { file: path, line, column }
    source.problem(place, field, message, hint)
  }
  return {
    name,
    kind: kind.value,
    effect,
    replaces: merge?.value === 'replace',
    set: listed.set,
    at: source.place(node),
  }
}
