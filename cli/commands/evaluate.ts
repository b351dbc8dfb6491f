import { basename } from 'node:path'
import { Command } from 'commander'
import { feedOf } from './train.ts'

interface EvaluateOptions {
  readonly json?: true
  readonly model?: string
  readonly callsOnly?: true
  readonly heldOut?: true
}

export function evaluateCommand(): Command {
  const evaluate = new Command('evaluate').description('Measures a model on labelled data.')
  evaluate
    .command('text')
    .description('AUC, MCC, recall at fixed false positives, calibration: per file and pooled.')
    .argument('<file...>', 'TSV files with the columns label, kind and text')
    .option('--model <file>', 'model file; the one that ships without it')
    .option('--json', 'JSON, as it is in a pipe')
    .action(async (files: readonly string[], { json, model }: EvaluateOptions) => {
      const { evaluateText } = await import('../../models/text/index.ts')
      const { files: each, pooled, ...about } = await evaluateText({ files, ...(model === undefined ? {} : { model }) })
      const named = Object.fromEntries(Object.entries(each).map(([file, figures]) => [basename(file), figures]))
      show({ ...about, files: named, pooled }, json, () => [...Object.entries(named), ['pooled', pooled]])
    })
  evaluate
    .command('behaviour')
    .description(
      'AUC and recall at fixed false positives over labelled parties, by what the engine knows of each at the end.',
    )
    .argument('<events>', 'call and message records, or any recording')
    .argument('<labels>', 'CSV: party,label (1 spam, 0 not)')
    .option('--model <file>', 'model file; the one that ships without it')
    .option('--calls-only', 'as an operator without messages sees it')
    .option('--held-out', 'only the fifth of the parties that no training touches')
    .option('--json', 'JSON, as it is in a pipe')
    .action(async (events: string, labels: string, { json, model, callsOnly, heldOut }: EvaluateOptions) => {
      const { evaluateBehaviour } = await import('../../models/behaviour/index.ts')
      const result = await evaluateBehaviour({
        activities: feedOf([events]),
        labels,
        callsOnly: callsOnly === true,
        heldOut: heldOut === true,
        ...(model === undefined ? {} : { model }),
      })
      show(result, json, () => [['all', result]])
    })
  return evaluate
}

function show(result: object, json: boolean | undefined, rows: () => readonly (readonly [string, object])[]): void {
  if (json === true || process.stdout.isTTY !== true) {
    process.stdout.write(`${JSON.stringify(result)}\n`)
    return
  }
  for (const [name, figures] of rows()) {
    const cells = Object.entries(figures).filter(([, value]) => typeof value === 'number')
    process.stdout.write(
      `${name}\n${cells.map(([key, value]) => `  ${key.padEnd(14)} ${Number(value).toPrecision(4)}`).join('\n')}\n`,
    )
  }
}
