import { createLists, type ListKind, type Lists, type MemberSet } from '../lists/index.ts'
import { ruleChecker, symbolChecker } from './expression.ts'
import { finishComposite, finishModel, finishRule, type MergedDraft, type Surroundings } from './finish-rule.ts'
import { createListFiles } from './list-files.ts'
import type { Category, ListEffect, Pack, Thresholds } from './pack.ts'
import { type PackProblem, refuse } from './problems.ts'
import { type Layer, readLayer, thresholdNames } from './read-layer.ts'
import type { Draft } from './read-rule.ts'
import type { Place } from './source.ts'
import type { Vocabulary } from './vocabulary.ts'

const HOUR_MS = 3_600_000
const NOWHERE: Place = { file: 'pack.yaml', line: 0, column: 0 }

export interface CheckedPack {
  /** Absent when there are problems. */
  readonly pack: Pack | undefined
  readonly problems: readonly PackProblem[]
}

/**
 * Loads layered packs: `folders` in order default, jurisdiction, operator. A later layer overrides field by field: rules
 * and composites by symbol, thresholds, groups and categories by name; lists are extended unless they say `merge: replace`.
 * @param listFiles one for the life of the process lets reloads keep the lists that did not change
 * @throws RingfenceError PACK_INVALID naming file, line, column and field of the first problem
 */
export function loadPacks(folders: readonly string[], vocabulary: Vocabulary, listFiles = createListFiles()): Pack {
  const { pack, problems } = checkPacks(folders, vocabulary, listFiles)
  refuse(problems)
  if (pack === undefined) throw new Error('a pack without problems has loaded')
  return pack
}

/** The same without throwing: every problem of every layer, for `ringfence check`. */
export function checkPacks(
  folders: readonly string[],
  vocabulary: Vocabulary,
  listFiles = createListFiles(),
): CheckedPack {
  const problems: PackProblem[] = []
  const layers = folders.map(folder => readLayer(folder, problems, listFiles)).filter(layer => layer !== undefined)
  if (folders.length === 0) {
    problems.push({ ...NOWHERE, field: 'packs', message: 'no pack folder is given' })
  }
  // A file that is no YAML leaves symbols unsaid: what would be missed for that is no news.
  if (problems.some(problem => problem.field === 'YAML')) return { pack: undefined, problems }
  const pack = build(layers, vocabulary, problem => problems.push(problem))
  return { pack: problems.length === 0 ? pack : undefined, problems }
}

function build(layers: readonly Layer[], vocabulary: Vocabulary, problem: (problem: PackProblem) => void): Pack {
  const setBy: Record<string, string> = {}
  const { lists, effects } = mergeLists(layers, setBy, problem)
  const groups = overlay(layers, 'groups', setBy)
  const categories = overlay(layers, 'categories', setBy)
  const around = {
    vocabulary,
    groups: [...groups.keys()],
    categories: [...categories.keys()],
    holdMs: latest(layers, layer => layer.hold?.value) ?? HOUR_MS,
    halfLifeMs: latest(layers, layer => layer.halfLife?.value) ?? HOUR_MS / 2,
    problem,
  }
  const ruleDrafts = mergeDrafts(layers, layer => layer.rules, problem)
  const modelDrafts = mergeDrafts(layers, layer => layer.models, problem)
  const compositeDrafts = mergeDrafts(layers, layer => layer.composites, problem)
  const parts = [...ruleDrafts, ...modelDrafts].map(symbolOf)
  const symbols = [...parts, ...compositeDrafts.map(symbolOf)]
  const checker = ruleChecker(vocabulary, lists.names)
  const rules = finishAll(ruleDrafts, { ...around, symbols, checker }, finishRule)
  const models = finishAll(modelDrafts, { ...around, symbols, checker }, finishModel)
  const composites = finishAll(compositeDrafts, { ...around, symbols, checker: symbolChecker(parts) }, finishComposite)
  const off = [...ruleDrafts, ...modelDrafts, ...compositeDrafts].filter(isOff).map(symbolOf)
  return {
    version: layers.map(layer => layer.version).join('+'),
    layers: layers.map(layer => layer.name),
    vocabulary,
    timezone: latest(layers, layer => layer.timezone) ?? 'UTC',
    thresholds: mergeThresholds(layers, setBy, problem),
    groups: new Map([...groups].map(([name, cap]) => [name, cap.value])),
    categories: new Map([...categories].map(([name, says]): [string, Category] => [name, { name, says: says.value }])),
    rules,
    off,
    composites,
    models,
    lists,
    effects,
    setBy,
  }
}

function symbolOf({ draft }: MergedDraft): string {
  return draft.symbol.value
}

function isOff({ draft }: MergedDraft): boolean {
  return draft.state?.value === 'off'
}

function finishAll<T>(
  drafts: readonly MergedDraft[],
  around: Surroundings,
  finish: (draft: MergedDraft, around: Surroundings) => T | undefined,
): readonly T[] {
  const finished: T[] = []
  for (const draft of drafts) {
    // A rule that is off is checked too: turning it on must not be the moment its typing error comes out.
    const one = finish(draft, around)
    if (one !== undefined && !isOff(draft)) finished.push(one)
  }
  return finished
}

function mergeDrafts(
  layers: readonly Layer[],
  drafts: (layer: Layer) => readonly Draft[],
  problem: (problem: PackProblem) => void,
): readonly MergedDraft[] {
  const merged = new Map<string, MergedDraft>()
  for (const layer of layers) {
    const own = new Map<string, Draft>()
    for (const draft of drafts(layer)) {
      const twin = own.get(draft.symbol.value)
      if (twin !== undefined) {
        const message = `is already at ${twin.symbol.at.file}:${twin.symbol.at.line}`
        problem({ ...draft.symbol.at, field: draft.symbol.value, message, hint: 'one layer says each thing once' })
      }
      own.set(draft.symbol.value, draft)
      const below = merged.get(draft.symbol.value)
      const setBy: Record<string, string> = { ...below?.setBy }
      for (const field of Object.keys(draft)) if (field !== 'broken') setBy[field] = layer.name
      merged.set(draft.symbol.value, { draft: { ...below?.draft, ...draft }, setBy })
    }
  }
  return [...merged.values()]
}

function overlay<F extends 'groups' | 'categories'>(
  layers: readonly Layer[],
  field: F,
  setBy: Record<string, string>,
): Map<string, Layer[F] extends ReadonlyMap<string, infer V> ? V : never> {
  const merged = new Map<string, never>()
  for (const layer of layers) {
    for (const [name, value] of layer[field]) {
      merged.set(name, value as never)
      setBy[`${field}.${name}`] = layer.name
    }
  }
  return merged
}

function latest<T>(layers: readonly Layer[], read: (layer: Layer) => T | undefined): T | undefined {
  return layers.map(read).findLast(value => value !== undefined)
}

function mergeThresholds(
  layers: readonly Layer[],
  setBy: Record<string, string>,
  problem: (problem: PackProblem) => void,
): Thresholds {
  const values: Record<string, number> = { flag: 4, challenge: 6, divert: 8, block: 12 }
  let at: Place = NOWHERE
  for (const layer of layers) {
    for (const [name, threshold] of layer.thresholds) {
      values[name] = threshold.value
      at = threshold.at
      setBy[`thresholds.${name}`] = layer.name
    }
  }
  const order = thresholdNames.map(name => values[name]!)
  if (order.some((value, i) => i > 0 && value < order[i - 1]!) || order[0]! <= 0) {
    const message = `must rise: ${thresholdNames.map(name => `${name} ${values[name]}`).join(', ')}`
    problem({ ...at, field: 'thresholds', message, hint: '0 < flag <= challenge <= divert <= block' })
  }
  return values as unknown as Thresholds
}

function mergeLists(
  layers: readonly Layer[],
  setBy: Record<string, string>,
  problem: (problem: PackProblem) => void,
): { lists: Lists; effects: ReadonlyMap<string, ListEffect> } {
  const sets = new Map<string, MemberSet[]>()
  const kinds = new Map<string, ListKind>()
  const effects = new Map<string, ListEffect>()
  for (const layer of layers) {
    for (const { name, kind, effect, replaces, sets: own, at } of layer.lists) {
      const below = sets.get(name) ?? []
      const kindBelow = kinds.get(name)
      if (kindBelow !== undefined && !replaces && kindBelow !== kind) {
        const message = `is a list of ${kindBelow} in ${setBy[`lists.${name}`]}, here of ${kind}`
        problem({
          ...at,
          field: `lists.${name}.kind`,
          message,
          hint: 'use the same kind, another name, or merge: replace',
        })
      }
      sets.set(name, replaces ? [...own] : [...below, ...own])
      kinds.set(name, kind)
      if (effect !== undefined) effects.set(name, effect.value)
      setBy[`lists.${name}`] = layer.name
    }
  }
  return { lists: createLists(sets, kinds), effects }
}
