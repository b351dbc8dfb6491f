import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Command } from 'commander'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { showProgress } from '../terminal/index.ts'
import { feedOf } from './train.ts'

interface EvaluateOptions {
  readonly json?: true
  readonly html?: string
  readonly model?: string
  readonly callsOnly?: true
  readonly heldOut?: true
}

export function evaluateCommand(): Command {
  const evaluate = new Command('evaluate')
  evaluate
    .command('text')
    .description('AUC, MCC, recall at fixed false positives, calibration: per file and pooled.')
    .argument('<file...>', 'TSV files with the columns label, kind and text')
    .option('--model <file>', 'model file; the one that ships without it')
    .option('--html <file>', 'write a page with curves, calibration and the worst mistakes; it shows texts of the data')
    .option('--json', 'JSON, as it is in a pipe')
    .action(async (files: readonly string[], { json, html, model }: EvaluateOptions) => {
      const { scoreFiles } = await import('../../models/text/index.ts')
      const bar = showProgress('scoring', 1, process.stderr)
      const { evaluation, rows } = await scoreFiles({
        files,
        ...(model === undefined ? {} : { model }),
        onProgress: ({ done }) => bar.update(done),
      })
      bar.finish()
      if (html !== undefined) {
        const { textReport } = await import('../../models/report/index.ts')
        writePage(html, textReport(evaluation, rows))
      }
      const { files: each, pooled, ...about } = evaluation
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
    .option(
      '--html <file>',
      'write a page with curves, calibration and the worst mistakes; it shows parties of the data',
    )
    .option('--json', 'JSON, as it is in a pipe')
    .action(async (events: string, labels: string, options: EvaluateOptions) => {
      const { json, html, model, callsOnly, heldOut } = options
      const { scoreParties } = await import('../../models/behaviour/index.ts')
      const { evaluation, rows } = await scoreParties({
        activities: feedOf([events]),
        labels,
        callsOnly: callsOnly === true,
        heldOut: heldOut === true,
        ...(model === undefined ? {} : { model }),
      })
      if (html !== undefined) {
        const { behaviourReport } = await import('../../models/report/index.ts')
        writePage(html, behaviourReport(evaluation, rows))
      }
      const { all, ...result } = evaluation
      show(result, json, () => [['all', all]])
    })
  return evaluate
}

function writePage(file: string, html: string): void {
  try {
    writeFileSync(file, html)
  } catch (cause) {
    throw new RingfenceError('OUTPUT_FAILED', `cannot write ${file}: ${messageOf(cause)}`, { cause })
  }
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
