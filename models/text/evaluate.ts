import { fileURLToPath } from 'node:url'
import { type BackendChoice, openBackend } from '../backend/index.ts'
import { type Figures, figuresOf, type OnProgress, silent } from '../training/index.ts'
import { readTextFile, type TextRow } from './corpus.ts'
import { createTextJudge } from './judge.ts'
import { readTextWeights } from './weights.ts'

/** Folder of the weights that come with the program. */
export const textWeightsFolder: string = fileURLToPath(new URL('../../../models/text/weights/', import.meta.url))

export interface EvaluateTextOptions {
  readonly files: readonly string[]
  /** Model file; the one that comes with the program when absent. */
  readonly model?: string
  readonly backend?: BackendChoice
  readonly onProgress?: OnProgress
}

export interface KindFigures {
  readonly rows: number
  /** Share called spam at the model's threshold. */
  readonly calledSpam: number
}

export type TextFigures = Figures & { readonly kinds: Readonly<Record<string, KindFigures>> }

export interface TextEvaluation {
  readonly model: string
  readonly threshold: number
  readonly files: Readonly<Record<string, TextFigures>>
  readonly pooled: TextFigures
}

/** Rows with their scores, for reports. */
export interface ScoredText extends TextRow {
  readonly score: number
}

/** Scores labelled files and gives the figures of each and of all together (DESIGN §9). */
export async function evaluateText(options: EvaluateTextOptions): Promise<TextEvaluation> {
  return (await scoreFiles(options)).evaluation
}

/** The same with every scored row, for the report. */
export async function scoreFiles(
  options: EvaluateTextOptions,
): Promise<{ evaluation: TextEvaluation; rows: ScoredText[] }> {
  const onProgress = options.onProgress ?? silent
  const weights = readTextWeights(options.model ?? `${textWeightsFolder}model.bin`)
  const { tf } = await openBackend(options.backend ?? 'auto')
  const judge = createTextJudge(tf, weights)
  const read = options.files.flatMap(readTextFile)
  const rows: ScoredText[] = []
  for (let at = 0; at < read.length; at += 256) {
    const part = read.slice(at, at + 256)
    const { probability } = judge.score(part.map(row => row.text))
    for (const [i, row] of part.entries()) rows.push({ ...row, score: probability[i]! })
    onProgress({ stage: 'features', done: rows.length / read.length })
  }
  judge.close()
  return { evaluation: summarise(rows, weights.header.version, weights.header.threshold), rows }
}

/** Figures of scored rows, by file and pooled. */
export function summarise(rows: readonly ScoredText[], model: string, threshold: number): TextEvaluation {
  const files: Record<string, TextFigures> = {}
  for (const file of new Set(rows.map(row => row.file))) {
    files[file] = textFigures(
      rows.filter(row => row.file === file),
      threshold,
    )
  }
  return { model, threshold, files, pooled: textFigures(rows, threshold) }
}

function textFigures(rows: readonly ScoredText[], threshold: number): TextFigures {
  const kinds: Record<string, KindFigures> = {}
  for (const kind of new Set(rows.map(row => row.fileKind))) {
    const own = rows.filter(row => row.fileKind === kind)
    kinds[kind] = { rows: own.length, calledSpam: own.filter(row => row.score >= threshold).length / own.length }
  }
  const figures = figuresOf(
    rows.map(row => row.score),
    rows.map(row => row.label),
    threshold,
  )
  return { ...figures, kinds }
}
