import { execFile } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

/**
 * What the rules alone find in real traffic, through `ringfence replay` itself: senders flagged among the harmless messages
 * of nus-messages.tsv; normal subscribers flagged and fraudsters found in the labelled subscribers of sichuan.csv, whose
 * monthly profiles are expanded into calls and messages first. Both halves of the file are reported; weights were looked at
 * on the even rows and once on the odd ones, so neither is a clean hold-out. RINGFENCE_SHARED says where the data is; MODELS=1 judges again with the shipped models,
 * EVERY=8 takes every eighth subscriber (the whole set is 8 million records and takes some minutes).
 */
export async function accuracyBench(): Promise<Record<string, unknown>> {
  const shared = resolve(process.env.RINGFENCE_SHARED ?? '../shared')
  const messages = join(shared, 'data/traffic/nus-messages.tsv')
  const profiles = join(shared, 'data/behaviour/sichuan.csv')
  for (const path of [messages, profiles])
    if (!existsSync(path)) throw new Error(`needs ${path}: set RINGFENCE_SHARED to the folder of data and tools`)
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-accuracy-'))
  try {
    const events = join(folder, 'events.csv')
    const labels = join(folder, 'labels.csv')
    const expand = join(shared, 'tools/expand-profiles.mjs')
    const sample = process.env.EVERY === undefined ? [] : ['--every', process.env.EVERY]
    await run(process.execPath, [expand, profiles, events, labels, ...sample], { maxBuffer: 1e8 })
    const rulesAlone = join(folder, 'rules-alone.yaml')
    writeFileSync(rulesAlone, 'models: { enabled: false }\n')
    const judge = async (config: readonly string[]): Promise<Record<string, unknown>> => ({
      'nus-messages.tsv': await senders(messages, await flagged(messages, folder, config)),
      'sichuan.csv': await subscribers(labels, await flagged(events, folder, config)),
    })
    return {
      'rules alone': await judge(['--config', rulesAlone]),
      ...(process.env.MODELS === '1' ? { 'rules and shipped models': await judge([]) } : {}),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Parties whose own activity reached an action, by `replay` with the default pack. */
async function flagged(input: string, folder: string, config: readonly string[]): Promise<ReadonlySet<string>> {
  const output = join(folder, 'parties.jsonl')
  await run(process.execPath, [cli, 'replay', input, '--parties', output, ...config], { maxBuffer: 1e8 })
  const found = new Set<string>()
  for await (const line of linesOf(output)) {
    const { party, action } = JSON.parse(line) as { party: string; action: string }
    if (action !== 'allow') found.add(party)
  }
  return found
}

async function senders(file: string, found: ReadonlySet<string>): Promise<Record<string, unknown>> {
  const all = new Set<string>()
  let messages = 0
  for await (const line of linesOf(file)) {
    const from = line.split('\t')[1]
    if (from === undefined || from === 'from') continue
    messages++
    all.add(from)
  }
  return { messages, senders: all.size, flagged: found.size, share: share(found.size, all.size) }
}

async function subscribers(file: string, found: ReadonlySet<string>): Promise<Record<string, unknown>> {
  const halves = { 'even rows': tally(), 'odd rows': tally(), all: tally() }
  let row = 0
  for await (const line of linesOf(file)) {
    const [party, label] = line.split(',')
    if (party === undefined || (label !== '0' && label !== '1')) continue
    const isFraud = label === '1'
    const wasFound = found.has(party)
    halves.all.add(isFraud, wasFound)
    halves[row++ % 2 === 0 ? 'even rows' : 'odd rows'].add(isFraud, wasFound)
  }
  return Object.fromEntries(Object.entries(halves).map(([name, { figures }]) => [name, figures()]))
}

function tally() {
  const counts = { normal: 0, 'normal flagged': 0, fraud: 0, 'fraud found': 0 }
  return {
    add(isFraud: boolean, wasFound: boolean): void {
      counts[isFraud ? 'fraud' : 'normal']++
      if (wasFound) counts[isFraud ? 'fraud found' : 'normal flagged']++
    },
    figures: () => ({
      ...counts,
      'share of normal flagged': share(counts['normal flagged'], counts.normal),
      recall: share(counts['fraud found'], counts.fraud),
    }),
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1e5) / 1e5
}

function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
}
