import { Command, Option } from 'commander'
import { type Activity, jsonCodec, keyOf, topics, Verdict } from '../../engine/activity/index.ts'
import { RingfenceError } from '../../engine/errors/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { type EventLog, openEmbeddedLog, partitionOf } from '../../engine/log/index.ts'
import type { Explanation, Partition } from '../../engine/partition/index.ts'
import { loadPacks } from '../../engine/rules/index.ts'
import { activityCodec } from '../../engine/runtime/index.ts'
import type { Scorer } from '../../engine/scorer/index.ts'
import { type Config, readConfig } from '../config.ts'
import { type Explained, explanationText } from '../explain/text.ts'
import { withModels } from '../models.ts'
import { packFolders, vocabulary } from '../packs.ts'
import { openPartition } from '../partition.ts'
import { readActivities } from '../replay/read.ts'
import { showProgress } from '../terminal/index.ts'
import { collect } from './replay.ts'

interface ExplainOptions {
  readonly config?: string
  readonly in: readonly string[]
  readonly packs: readonly string[]
  readonly lang: 'en' | 'fr'
  readonly json?: true
}

export function explainCommand(): Command {
  return new Command('explain')
    .argument('<subject>', 'a party (+33…, user@host, ip:…) or the id of a verdict')
    .option('--config <file>', 'configuration; its embedded log is read, also while the service runs')
    .option('--in <file>', 'read this recording instead of the log; repeatable', collect, [])
    .option('--packs <dir>', 'lay this pack over the default one; repeatable', collect, [])
    .addOption(new Option('--lang <language>', 'language of the reasons').choices(['en', 'fr']).default('en'))
    .option('--json', 'JSON, as it is in a pipe')
    .action((subject: string, options: ExplainOptions) => {
      const config = readConfig(options.config)
      return withModels(config.models, scorer => explain(subject, options, config, scorer))
    })
}

async function explain(subject: string, options: ExplainOptions, config: Config, scorer: Scorer): Promise<void> {
  const identity = createIdentity(config.identity)
  const pack = loadPacks(packFolders([...config.engine.packs, ...options.packs]), vocabulary)
  const partition = openPartition(config, pack, scorer)
  const watch = createWatch(subject, partition, scorer)
  if (options.in.length > 0) {
    await readActivities(options.in, {
      identity,
      sip: config.sip,
      feedback: config.feedback,
      onActivity: watch.take,
      onDropped: (file, reason, place) => process.stderr.write(`${file}: ${place}: ${reason}\n`),
      progress: process.stderr,
      ready: watch.ready,
    })
  } else await readLog(config, subject, watch)
  await watch.ready()
  const explained = watch.result()
  if (explained === undefined)
    throw new RingfenceError('INPUT_INVALID', `nothing is known of '${subject}'`, {
      hint:
        options.in.length > 0
          ? 'is the party written as verdicts write it?'
          : `looked in ${config.data}; --in FILE reads a recording instead`,
    })
  const json = options.json === true || process.stdout.isTTY !== true
  process.stdout.write(json ? `${JSON.stringify(explained)}\n` : `${explanationText(explained, options.lang)}\n`)
}

/** Judges activities one after another and keeps what concerns the subject. */
function createWatch(subject: string, partition: Partition, scorer: Scorer) {
  let settled: Promise<void> = Promise.resolve()
  let last: Explained | undefined
  let worst: Explained | undefined
  let exact: Explained | undefined
  function keep(activity: Activity, explanation: Explanation): void {
    const explained = { activity, explanation }
    if (explanation.standing.id === subject) exact = explained
    if (keyOf(activity) !== subject) return
    last = explained
    if (worst === undefined || isWorse(explanation, worst.explanation)) worst = explained
  }
  return {
    take(activity: Activity): void {
      // A verdict's id is known only once it is given, so every activity is explained when an id is asked for.
      const concerns = keyOf(activity) === subject || looksLikeId(subject)
      // What the models say of others is of no account here: each party has a standing of its own.
      if (!concerns) {
        partition.apply(activity)
        return
      }
      const taken = partition.takeToExplain(activity)
      const answers = taken.questions.length === 0 ? [] : scorer.score(taken.questions, 'patient')
      settled = settled.then(async () => keep(activity, partition.explain(taken, await answers)))
    },
    /** Resolves when everything taken so far has been judged. */
    ready: () => settled,
    /** The verdict asked for; for a party the worst one it got, else the latest. */
    result: (): Explained | undefined => exact ?? (worst?.explanation.standing.action === 'allow' ? last : worst),
  }
}

function isWorse(a: Explanation, b: Explanation): boolean {
  return a.standing.score >= b.standing.score
}

/** Verdict ids are 20 base64url characters; no party that identity gives looks like that but an opaque one. */
function looksLikeId(subject: string): boolean {
  return /^[\w-]{20}$/.test(subject)
}

async function readLog(
  config: Config,
  subject: string,
  watch: { take(activity: Activity): void; ready(): Promise<void> },
): Promise<void> {
  const log = await openEmbeddedLog({ directory: config.data, readOnly: true })
  try {
    const party = (await partyOfVerdict(log, subject)) ?? subject
    const place = { topic: topics.activity.topic, partition: partitionOf(party, log.partitions) }
    const { earliest, next } = await log.bounds(place)
    const bar = showProgress('judging again', next - earliest, process.stderr)
    for await (const batch of log.read(place)) {
      for (const { value } of batch.records) {
        const decoded = value === null ? undefined : activityCodec.decode(value)
        if (decoded?.ok === true) watch.take(decoded.value)
      }
      await watch.ready()
      bar.update(batch.nextOffset - earliest)
    }
    bar.finish()
  } finally {
    await log.close()
  }
}

/** The party under whose key the judged activity travelled, when the subject is the id of a published verdict. */
async function partyOfVerdict(log: EventLog, subject: string): Promise<string | undefined> {
  if (!looksLikeId(subject)) return undefined
  const codec = jsonCodec(Verdict)
  for (let partition = 0; partition < log.partitions; partition++) {
    for await (const { records } of log.read({ topic: topics.verdicts.topic, partition })) {
      for (const { value } of records) {
        const decoded = value === null ? undefined : codec.decode(value)
        if (decoded?.ok !== true || decoded.value.id !== subject) continue
        return decoded.value.role === 'target' ? decoded.value.target : decoded.value.party
      }
    }
  }
  return undefined
}
