import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { createPseudonyms, type Duck, openDuck, openStore, readSecret } from '../../engine/archive/index.ts'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import {
  type Language,
  languages,
  lastPeriod,
  makeStudy,
  mergeStudies,
  pairBitsFor,
  periodOf,
  readInputs,
  readLegal,
  readSigningKey,
  type Span,
  type Study,
  signFolder,
  spans,
  verifyFolder,
  writeExchange,
  writeReviewSample,
  writeStudy,
} from '../../engine/report/index.ts'
import { loadPacks } from '../../engine/rules/index.ts'
import { archiveKeyFile } from '../archive.ts'
import { type Config, readConfig } from '../config.ts'
import { packFolders, vocabulary } from '../packs.ts'
import { showProgress } from '../terminal/index.ts'
import { version } from '../version.ts'
import { collect } from './replay.ts'

interface CommonOptions {
  readonly config?: string
  readonly lang?: Language
  readonly out: string
  readonly sign?: string
  readonly inputs?: string
}

interface ReportOptions extends CommonOptions {
  readonly from: string
  readonly to: string
  readonly last?: Span
  readonly archive?: string
  readonly packs: readonly string[]
  readonly exchange?: boolean
}

export function reportCommand(): Command {
  const command = new Command('report')
    .option('--from <day>', 'first day, YYYY-MM-DD, in the time zone of the jurisdiction')
    .option('--to <day>', 'day after the last one')
    .addOption(new Option('--last <span>', 'instead of --from and --to: the last whole one').choices([...spans]))
    .option('--out <dir>', 'folder to write to; {from} in it becomes the first day')
    .option('--archive <place>', 'folder or s3:// URL; archive.path of the configuration without it')
    .option('--packs <dir>', 'lay this pack over the configured ones; repeatable', collect, [])
    .option('--exchange', 'also write what a merge with other operators needs')
  withCommon(command)
    .addHelpText(
      'after',
      `
Writes report.html, study.json, csv/, parquet/, review.csv and SHA256SUMS; prints a summary as one JSON object.

Examples:
  ringfence report --from 2026-10-01 --to 2026-11-01 --lang fr --out october
  ringfence report merge operator-a operator-b operator-c --lang en --out national
  ringfence report verify october --key 5f0c…`,
    )
    .action(report)
  const merge = new Command('merge')
    .description("Joins operators' studies without their records; each was made with --exchange.")
    .argument('<dir...>', 'folders that `report` has written')
    .requiredOption('--out <dir>', 'folder to write to')
  withCommon(merge).action(mergeReports)
  const verify = new Command('verify')
    .description('Checks that a report is what was signed, and prints the fingerprint of the key.')
    .argument('<dir>', 'folder of the report')
    .option('--key <fingerprint>', 'the key that must have signed it')
    .action((folder: string, { key }: { key?: string }) => {
      process.stdout.write(`${JSON.stringify({ report: folder, key: verifyFolder(folder, key) })}\n`)
    })
  return command.addCommand(merge).addCommand(verify)
}

function withCommon(command: Command): Command {
  return command
    .option('--config <file>', 'configuration (archive, study, engine.packs)')
    .addOption(new Option('--lang <language>', 'language of report.html').choices([...languages]))
    .option('--inputs <file>', 'YAML with investments, prices and assumptions; study.inputs without it')
    .option('--sign <file>', 'Ed25519 key to sign with; study.signingKeyFile without it')
}

async function report(options: Partial<ReportOptions> & Pick<ReportOptions, 'packs'>): Promise<void> {
  const asked = options.last !== undefined || (options.from !== undefined && options.to !== undefined)
  if (!asked || options.out === undefined)
    throw new RingfenceError('USAGE', 'report needs --from DAY --to DAY --out DIR', { hint: 'ringfence report --help' })
  const config = readConfig(options.config)
  const path = options.archive ?? config.archive.path
  if (path === '')
    throw new RingfenceError('USAGE', 'no archive: neither --archive nor archive.path says where it lies', {
      hint: 'set archive.path, and the serve role writes one from now on',
    })
  const folders = packFolders([...config.engine.packs, ...options.packs])
  const legal = readLegal(folders)
  const inputs = readInputFile(options.inputs ?? config.study.inputs)
  const { timezone } = legal.jurisdiction
  const period =
    options.last === undefined
      ? periodOf(options.from ?? '', options.to ?? '', timezone)
      : lastPeriod(options.last, timezone, Date.now())
  const { from, to } = period
  const out = options.out.replaceAll('{from}', from)
  const categories = new Map([...loadPacks(folders, vocabulary).categories].map(([name, { says }]) => [name, says]))
  const { rotation } = config.archive
  await withDuck(config, async (duck, folder) => {
    const progress = showProgress('archive', period.days.length, process.stderr)
    const study = await makeStudy({
      duck,
      store: openStore({ ...config.archive, path }),
      folder,
      period,
      inputs,
      legal,
      categories,
      software: `Ringfence ${version}`,
      pseudonyms: { fingerprint: keyFingerprint(config), rotation },
      progress: (done, total) => progress.update((done / total) * period.days.length),
    })
    progress.finish()
    if (study.volume.events === 0 && study.coverage.rows === 0)
      throw new RingfenceError('INPUT_INVALID', `the archive ${path} holds nothing from ${from} to ${to}`, {
        hint: 'the serve role writes it when archive.path is set; files lie under verdicts/day=…',
      })
    mkdirSync(out, { recursive: true })
    await writeReviewSample(duck, out)
    if (options.exchange === true) {
      const header = {
        format: 1,
        operator: inputs.operator.name,
        fingerprint: study.coverage.pseudonyms,
        from,
        to,
        pairBits: pairBitsFor(study.coverage.rows),
      } as const
      await writeExchange(duck, out, header, inputs.report.suppressBelow)
    }
    await finish(study, { ...options, out }, config, duck, legal.jurisdiction.language)
  })
}

async function mergeReports(dirs: readonly string[], options: CommonOptions): Promise<void> {
  const config = readConfig(options.config)
  const inputs = readInputFile(options.inputs ?? config.study.inputs)
  await withDuck(config, async duck => {
    const study = await mergeStudies({ duck, folders: dirs, inputs, software: `Ringfence ${version}` })
    mkdirSync(options.out, { recursive: true })
    await finish(study, options, config, duck, 'en')
  })
}

/** Writes, signs and sums up. */
async function finish(
  study: Study,
  options: CommonOptions,
  config: Config,
  duck: Duck,
  fallback: Language,
): Promise<void> {
  const language = options.lang ?? fallback
  await writeStudy({ study, language, folder: options.out, duck, madeAtMs: madeAt() })
  const keyFile = options.sign ?? config.study.signingKeyFile
  const key = keyFile === '' ? undefined : signFolder(options.out, readSigningKey(keyFile))
  const { volume, recommendations } = study
  process.stdout.write(
    `${JSON.stringify({
      report: join(options.out, 'report.html'),
      language,
      events: volume.events,
      spam: volume.spam,
      ...(volume.estimate === undefined ? {} : { estimate: volume.estimate }),
      recommendations: recommendations.map(({ rule }) => rule),
      ...(key === undefined ? {} : { key }),
    })}\n`,
  )
}

/** The time on the page; builds that must repeat set SOURCE_DATE_EPOCH (reproducible-builds.org). */
function madeAt(): number {
  const seconds = Number(process.env.SOURCE_DATE_EPOCH ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds * 1000 : Date.now()
}

async function withDuck(config: Config, work: (duck: Duck, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-report-'))
  try {
    const duck = await openDuck({
      threads: availableParallelism(),
      memoryBytes: config.study.memoryMegabytes * 1e6,
      temporary: folder,
      file: join(folder, 'study.duckdb'),
    })
    try {
      await work(duck, folder)
    } finally {
      duck.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readInputFile(file: string) {
  if (file === '') return readInputs('', 'defaults')
  try {
    return readInputs(readFileSync(file, 'utf8'), file)
  } catch (error) {
    if (error instanceof RingfenceError) throw error
    throw new RingfenceError('INPUT_UNREADABLE', `${file}: ${messageOf(error)}`, {
      hint: 'docs/report.md shows what it holds',
      cause: error,
    })
  }
}

/** Empty where the key is not at hand: the report is the same, but a merge cannot tell who shares it. */
function keyFingerprint(config: Config): string {
  try {
    const file = archiveKeyFile(config)
    readFileSync(file)
    return createPseudonyms(readSecret(file), config.archive.rotation).fingerprint
  } catch {
    return ''
  }
}
