import { Command } from 'commander'
import { type Action, actions } from '../../engine/activity/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { loadPacks, type Pack } from '../../engine/rules/index.ts'
import type { Scorer } from '../../engine/scorer/index.ts'
import { type Config, readConfig } from '../config.ts'
import { type LineWriter, openLines } from '../lines.ts'
import { withModels } from '../models.ts'
import { packFolders, vocabulary } from '../packs.ts'
import { openPartition } from '../partition.ts'
import { createBacktest } from '../replay/backtest.ts'
import { createJudging } from '../replay/judging.ts'
import { createPartyBook } from '../replay/parties.ts'
import { readActivities } from '../replay/read.ts'

interface ReplayOptions {
  readonly config?: string
  readonly verdicts?: string
  readonly parties?: string
  readonly activity?: string
  readonly packs: readonly string[]
  readonly against?: readonly string[]
}

/** Collects a repeatable option. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

export function replayCommand(): Command {
  return new Command('replay')
    .argument('<file...>', 'pcap, pcapng, raw SIP, CSV or JSONL records, message TSV: recognised by content')
    .option('--config <file>', 'configuration (identity, sip, engine)')
    .option('--verdicts <file>', 'write one JSON line a verdict; - for standard output')
    .option('--parties <file>', 'write one JSON line a party; - for standard output')
    .option('--activity <file>', 'write the activities as JSON lines; - for standard output')
    .option('--packs <dir>', 'lay this pack over the default one; repeatable', collect, [])
    .option(
      '--against <dir>',
      'backtest: compare with the default pack under this one; repeatable, `default` for it alone',
      collect,
    )
    .addHelpText(
      'after',
      `
Prints a summary as one JSON object, on standard output unless lines go there.

Examples:
  ringfence replay capture.pcap --parties - | jq 'select(.action != "allow")'
  ringfence replay calls.csv --verdicts v.jsonl --packs ./mypack
  ringfence replay last-week.pcap --packs ./changed --against ./current | jq .backtest`,
    )
    .action((files: readonly string[], options: ReplayOptions) => {
      const config = readConfig(options.config)
      return withModels(config.models, scorer => replay(files, options, config, scorer))
    })
}

async function replay(files: readonly string[], options: ReplayOptions, config: Config, scorer: Scorer): Promise<void> {
  const identity = createIdentity(config.identity)
  const open = (pack: Pack) => openPartition(config, pack, scorer)
  const pack = loadPacks(packFolders([...config.engine.packs, ...options.packs]), vocabulary)
  const partition = open(pack)
  const against =
    options.against && loadPacks(packFolders(options.against.filter(dir => dir !== 'default')), vocabulary)
  const backtest = against && createBacktest()
  const book = createPartyBook()
  const byAction = new Map<Action, number>(actions.map(action => [action, 0]))
  const writers = new Map<string, LineWriter>()
  const writer = (path: string | undefined) =>
    path && (writers.get(path) ?? writers.set(path, openLines(path)).get(path))
  const verdictLines = writer(options.verdicts)
  const activityLines = writer(options.activity)
  const partyLines = writer(options.parties)
  const startedMs = performance.now()
  let activities = 0

  const partitions = against === undefined ? [partition] : [partition, open(against)]
  const judging = createJudging(partitions, scorer, (activity, [here, there]) => {
    book.activity(activity)
    const { verdict } = here!
    backtest?.compare(verdict, there!.verdict)
    if (verdict === undefined) return
    byAction.set(verdict.action, byAction.get(verdict.action)! + 1)
    book.verdict(verdict)
    if (verdictLines) verdictLines.write(verdict)
  })
  const counters = await readActivities(files, {
    identity,
    sip: config.sip,
    feedback: config.feedback,
    onActivity(activity) {
      activities++
      if (activityLines) activityLines.write(activity)
      judging.take(activity)
    },
    onDropped: (file, reason, place) => process.stderr.write(`${file}: ${place}: ${reason}\n`),
    progress: process.stderr,
    ready: judging.ready,
  })
  await judging.finish()
  let flagged = 0
  for (const line of book.lines()) {
    if (line.action !== 'allow') flagged++
    if (partyLines) partyLines.write(line)
  }
  for (const each of writers.values()) each.end()
  const summary = {
    files: files.length,
    signals: counters.received,
    activities,
    parties: book.size,
    flagged,
    verdicts: Object.fromEntries(byAction),
    dropped: Object.fromEntries(counters.dropped),
    pack: pack.version,
    models: scorer.version,
    ...(backtest && against ? { backtest: backtest.report(pack.version, against.version) } : {}),
    seconds: Math.round(performance.now() - startedMs) / 1000,
  }
  const destination = writers.has('-') ? process.stderr : process.stdout
  destination.write(`${JSON.stringify(summary)}\n`)
}
