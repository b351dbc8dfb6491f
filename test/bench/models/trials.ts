import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openBackend } from '../../../models/backend/index.ts'
import {
  defaultFit,
  readTextFile,
  type ScoredText,
  scoresOf,
  summarise,
  type TextRow,
  type TextWeights,
  trainOn,
  withoutDuplicates,
} from '../../../models/text/index.ts'
import { draws, evasions } from './evasions.ts'

/**
 * What the text model's card reports. Trains anew for each row of the tables, so it takes a quarter of an hour of one core
 * (results.jsonl says of each line what recipe it tried):
 *
 *   node dist/test/bench/models/trials.js left-out|pairs|folds|uci|few|senders DATA OUT.jsonl [FILE,…]
 *
 * left-out: each file in turn left out of training; pairs: each file with spam left out together with the next one, by which
 * recipes are chosen for what they carry over to new sources; folds: five folds over all, the spam of the first also
 * rewritten as evaders do; uci: the first 30 % of the de-duplicated UCI set to train, alone and with the other files; few:
 * what recipes for little data are to be chosen by, without a look at that test: five folds inside those 30 %, and 30 % of
 * the templates of each other file to train, its rest to test, three times; senders: a fifth of the senders of
 * nus-messages.tsv (beside the text folder, in ../traffic) held out of training with all they ever wrote.
 */
const FILES = ['uci-sms', 'youtube', 'indonesian', 'turkish', 'thai', 'telegram', 'arabic', 'nus-en', 'nus-zh'].map(
  name => `${name}.tsv`,
)
const WITH_SPAM = FILES.slice(0, 7)

async function main([trial, data, out, only]: readonly string[]): Promise<void> {
  if (trial === undefined || data === undefined || out === undefined)
    throw new Error('usage: trials.js TRIAL DATA OUT.jsonl')
  const { tf } = await openBackend('cpu')
  const rows = withoutDuplicates(FILES.flatMap(file => readTextFile(join(data, file))))
  mkdirSync(dirname(out), { recursive: true })
  const wanted = only === undefined ? FILES : only.split(',').map(name => `${name}.tsv`)

  async function score(name: string, train: readonly TextRow[], test: readonly TextRow[]): Promise<ScoredText[]> {
    const { weights } = await trainOn(tf, train, defaultFit)
    const scores = scoresOf(
      tf,
      weights,
      test.map(row => row.text),
    )
    const scored = test.map((row, i) => ({ ...row, score: scores[i]! }))
    const { pooled, files } = summarise(scored, weights.header.version, weights.header.threshold)
    const ham = scored.filter(row => row.label === 0)
    const line = {
      trial,
      name,
      threshold: weights.header.threshold,
      linearShare: weights.blend.linearShare,
      // What the baseline counts where a file has no spam: the baseline has no threshold of its own.
      hamAboveHalf: ham.filter(row => row.score >= 0.5).length / ham.length,
      ...pooled,
      ...(trial === 'pairs' ? { files } : {}),
    }
    appendFileSync(out!, `${JSON.stringify(line)}\n`)
    if (name === 'fold 0') rewritten(weights, test)
    return scored
  }

  /** Recall on spam as evaders would write it, at the threshold that it has as written. */
  function rewritten(weights: TextWeights, test: readonly TextRow[]): void {
    const spam = test.filter(row => row.label === 1)
    const { threshold } = weights.header
    for (const [evasion, rewrite] of [['as written', (text: string) => text] as const, ...Object.entries(evasions)]) {
      const random = draws(97)
      const texts = spam.map(row => rewrite(row.text, random))
      const recall = scoresOf(tf, weights, texts).filter(p => p >= threshold).length / spam.length
      appendFileSync(out!, `${JSON.stringify({ trial: 'evasion', name: evasion, spam: spam.length, recall })}\n`)
    }
  }

  /** Of UCI only what its test trains on. */
  async function few(file: string): Promise<void> {
    const own = rows.filter(row => row.file === file)
    if (!own.some(row => row.label === 1)) return
    const inside = file === 'uci-sms.tsv'
    const known = inside ? firstOf(own) : own
    for (let draw = 0; draw < (inside ? 5 : 3); draw++) {
      const isTested = (row: TextRow) => (inside ? foldOf(row) === draw : (row.group + 3 * draw) % 10 >= 3)
      await score(
        `${file} ${draw}`,
        known.filter(row => !isTested(row)),
        known.filter(isTested),
      )
    }
  }

  const foldOf = (row: TextRow) => row.group % 5
  const firstOf = (own: readonly TextRow[]) => own.slice(0, Math.round(own.length * 0.3))
  if (trial === 'left-out') {
    for (const file of wanted)
      await score(
        file,
        rows.filter(r => r.file !== file),
        rows.filter(r => r.file === file),
      )
  } else if (trial === 'pairs') {
    for (const [i, file] of WITH_SPAM.entries()) {
      if (!wanted.includes(file)) continue
      const pair = [file, WITH_SPAM[(i + 1) % WITH_SPAM.length]]
      await score(
        pair.join(' '),
        rows.filter(r => !pair.includes(r.file)),
        rows.filter(r => pair.includes(r.file)),
      )
    }
  } else if (trial === 'folds') {
    const all: ScoredText[] = []
    for (let k = 0; k < 5; k++) {
      all.push(
        ...(await score(
          `fold ${k}`,
          rows.filter(r => foldOf(r) !== k),
          rows.filter(r => foldOf(r) === k),
        )),
      )
    }
    const { pooled, files } = summarise(all, 'folds', 0.5)
    appendFileSync(out, `${JSON.stringify({ trial, name: 'pooled', ...pooled, files })}\n`)
  } else if (trial === 'uci') {
    const uci = rows.filter(row => row.file === 'uci-sms.tsv')
    const first = firstOf(uci)
    const rest = uci.slice(first.length)
    await score('uci alone', first, rest)
    await score('uci and the other files', [...rows.filter(row => row.file !== 'uci-sms.tsv'), ...first], rest)
  } else if (trial === 'few') {
    for (const file of wanted) await few(file)
  } else if (trial === 'senders') {
    const { theirs, others } = bySender(join(data, '..', 'traffic', 'nus-messages.tsv'), rows)
    await score('a fifth of the senders', others, theirs)
  } else throw new Error(`no trial is named ${trial}`)
}

/** Rows that senders of one fifth wrote, and the rest: whatever one of them wrote takes part in no training. */
function bySender(path: string, rows: readonly TextRow[]) {
  const plain = (text: string) => text.toLowerCase().replace(/\s+/g, ' ').trim()
  const held = new Set<string>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, from, , text] = line.split('\t')
    if (from !== undefined && text !== undefined && Number.parseInt(idHex(from), 16) % 5 === 0) held.add(plain(text))
  }
  const isTheirs = (row: TextRow) => row.file.startsWith('nus-') && held.has(plain(row.text))
  return { theirs: rows.filter(isTheirs), others: rows.filter(row => !isTheirs(row)) }
}

function idHex(from: string): string {
  return createHash('sha256').update(from).digest('hex').slice(0, 8)
}

await main(process.argv.slice(2))
