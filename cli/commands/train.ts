import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { createIdentity } from '../../engine/identity/index.ts'
import type { ActivityFeed } from '../../models/behaviour/index.ts'
import type { OnProgress, TrainingProgress } from '../../models/training/index.ts'
import { readConfig } from '../config.ts'
import { readActivities } from '../replay/read.ts'
import { showProgress } from '../terminal/index.ts'
import { packageRoot } from '../version.ts'

interface TrainOptions {
  readonly data: readonly string[]
  readonly labels?: string
  readonly feedback?: readonly string[]
  readonly out: string
  readonly seed?: number
  readonly epochs?: number
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('a whole number, 0 or more.')
  return number
}

/** TensorFlow takes half a second to load: only these commands wait for it. */
export function trainCommand(): Command {
  const train = new Command('train')
  train
    .command('text')
    .description('The text model, on TSV files with the columns label, kind and text.')
    .requiredOption('--data <file...>', 'labelled TSV files')
    .option('--feedback <file...>', 'feedback records (JSON lines): reports become labels by trust, within bounds')
    .option('--out <dir>', 'folder of the model', join(packageRoot, 'models', 'text', 'weights'))
    .option('--seed <n>', 'seed of everything random', wholeNumber)
    .option('--epochs <n>', 'at the most so many', wholeNumber)
    .action(async ({ data, feedback, out, seed, epochs }: TrainOptions) => {
      const { readFeedback, trainText } = await import('../../models/text/index.ts')
      const reports = feedback?.flatMap(readFeedback)
      const { onProgress, finish } = trainingBar()
      print(await trainText({ data, out, ...given({ seed, epochs, feedback: reports }), onProgress }), finish)
    })
  train
    .command('behaviour')
    .description('The behaviour model, on recordings of activity and a CSV of labelled parties.')
    .requiredOption('--data <file...>', 'call and message records, or any recording')
    .requiredOption('--labels <file>', 'CSV: party,label (1 spam, 0 not)')
    .option('--out <dir>', 'folder of the model', join(packageRoot, 'models', 'behaviour', 'weights'))
    .option('--seed <n>', 'seed of everything random', wholeNumber)
    .option('--epochs <n>', 'at the most so many', wholeNumber)
    .action(async ({ data, labels, out, seed, epochs }: TrainOptions) => {
      const { trainBehaviour } = await import('../../models/behaviour/index.ts')
      const { onProgress, finish } = trainingBar()
      const activities = feedOf(data)
      const source = data.map(sourceOf).join('\n')
      print(
        await trainBehaviour({ activities, labels: labels!, out, source, ...given({ seed, epochs }), onProgress }),
        finish,
      )
    })
  return train
}

/** A recording's path, size and time of change; one that is missing is told by whoever reads it. */
export function sourceOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false })
  return `${resolve(file)} ${stat?.size} ${stat?.mtimeMs}`
}

/** Activities of recordings, in order. */
export function feedOf(files: readonly string[]): ActivityFeed {
  return async take => {
    await readActivities(files, {
      identity: createIdentity(readConfig(undefined).identity),
      onActivity: take,
      onDropped: (file, reason, place) => process.stderr.write(`${file}: ${place}: ${reason}\n`),
      progress: process.stderr,
    })
  }
}

/** Options that were given, without the ones that were not. */
function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never
}

function trainingBar(): { onProgress: OnProgress; finish: () => void } {
  const bar = showProgress('training', 1, process.stderr)
  return { onProgress: progress => bar.update(progress.done, detailOf(progress)), finish: bar.finish }
}

function detailOf({ stage, epoch, epochs, loss, validation }: TrainingProgress): string {
  const parts: string[] = [stage]
  if (epoch !== undefined) parts.push(`epoch ${epoch}${epochs === undefined ? '' : `/${epochs}`}`)
  if (loss !== undefined) parts.push(`loss ${loss.toFixed(4)}`)
  if (validation !== undefined) parts.push(`validation ${validation.toFixed(4)}`)
  return parts.join(', ')
}

function print(result: object, finish: () => void): void {
  finish()
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
