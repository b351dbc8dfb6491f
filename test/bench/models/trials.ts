import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openBackend } from '../../../models/backend/index.ts'
import {
  defaultFit,
  readTextFile,
  type ScoredText,
  scoresOf,
  summarise,
  type TextRow,
  trainOn,
  withoutDuplicates,
} from '../../../models/text/index.ts'
import { draws, evasions } from './evasions.ts'

/**
 * What the text model's card reports. Trains anew for each row of the tables, so it takes an hour:
 *
 *   node dist/test/bench/models/trials.js left-out|folds|uci|evasion DATA OUT.jsonl [EPOCHS] [FILE,…]
 *
 * left-out: each file in turn left out of training; folds: five folds over all; uci: the first 30 % of the de-duplicated UCI
 * set to train, alone and with the other files; evasion: spam held out by a fold, rewritten.
 */
const FILES = ['uci-sms', 'youtube', 'indonesian', 'turkish', 'thai', 'telegram', 'arabic', 'nus-en', 'nus-zh'].map(
  name => `${name}.tsv`,
)

async function main([trial, data, out, epochs = '3', only]: readonly string[]): Promise<void> {
  if (trial === undefined || data === undefined || out === undefined)
    throw new Error('usage: trials.js TRIAL DATA OUT.jsonl')
  const { tf } = await openBackend('cpu')
  const rows = withoutDuplicates(FILES.flatMap(file => readTextFile(join(data, file))))
  const options = { ...defaultFit, epochs: Number(epochs) }
  mkdirSync(dirname(out), { recursive: true })
  const wanted = only === undefined ? FILES : only.split(',').map(name => `${name}.tsv`)

  async function score(name: string, train: readonly TextRow[], test: readonly TextRow[]): Promise<ScoredText[]> {
    const { weights } = await trainOn(tf, train, options)
    const scores = scoresOf(
      tf,
      weights,
      test.map(row => row.text),
    )
    const scored = test.map((row, i) => ({ ...row, score: scores[i]! }))
    const { pooled } = summarise(scored, weights.header.version, weights.header.threshold)
    appendFileSync(out!, `${JSON.stringify({ trial, name, threshold: weights.header.threshold, ...pooled })}\n`)
    if (trial === 'evasion') {
      for (const [evasion, rewrite] of Object.entries(evasions)) {
        const random = draws(97)
        const spam = test.filter(row => row.label === 1)
        const again = scoresOf(
          tf,
          weights,
          spam.map(row => rewrite(row.text, random)),
        )
        const recall = again.filter(p => p >= weights.header.threshold).length / spam.length
        appendFileSync(out!, `${JSON.stringify({ trial, name: evasion, spam: spam.length, recall })}\n`)
      }
    }
    return scored
  }

  const foldOf = (row: TextRow) => row.group % 5
  if (trial === 'left-out') {
    for (const file of wanted)
      await score(
        file,
        rows.filter(r => r.file !== file),
        rows.filter(r => r.file === file),
      )
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
    const first = uci.slice(0, Math.round(uci.length * 0.3))
    const rest = uci.slice(first.length)
    await score('uci and the other files', [...rows.filter(row => row.file !== 'uci-sms.tsv'), ...first], rest)
    await score('uci alone', first, rest)
  } else if (trial === 'evasion') {
    await score(
      'as written',
      rows.filter(r => foldOf(r) !== 0),
      rows.filter(r => foldOf(r) === 0),
    )
  } else throw new Error(`no trial is named ${trial}`)
}

await main(process.argv.slice(2))
