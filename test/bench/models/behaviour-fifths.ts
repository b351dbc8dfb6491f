import { appendFileSync, writeFileSync } from 'node:fs'
import { feedOf, sourceOf } from '../../../cli/commands/train.ts'
import { loadGradients, openBackend } from '../../../models/backend/index.ts'
import {
  type BehaviourRow,
  defaultBehaviourFit,
  fifthOf,
  learnFrom,
  looksOf,
  readLabels,
  scoresOfRows,
} from '../../../models/behaviour/index.ts'
import { silent } from '../../../models/training/index.ts'
import { estimates, meanOfFifths } from './intervals.ts'

/**
 * What the behaviour model's card reports beside the one fifth that the shipped model leaves out: each fifth of the parties in
 * turn held out, the recipe that ships trained by the same code on the other four.
 *
 *   node dist/test/bench/models/behaviour-fifths.js RECORDS LABELS OUT.jsonl [FOLDER]
 *
 * FOLDER keeps the looks at the parties (half of the time is reading) and gets fifths.csv, which behaviour-ceiling.py reads.
 */
async function main([records, labelled, out, folder = '.']: readonly string[]): Promise<void> {
  if (records === undefined || labelled === undefined || out === undefined)
    throw new Error('usage: behaviour-fifths.js RECORDS LABELS OUT.jsonl [FOLDER]')
  const labels = readLabels(labelled)
  const looks = await looksOf(feedOf([records]), labels, { folder, source: sourceOf(records) })
  writeFileSync(
    `${folder}/fifths.csv`,
    `party,label,fifth\n${[...labels].map(([party, label]) => `${party},${label},${fifthOf(party)}\n`).join('')}`,
  )
  const { tf } = await openBackend('wasm')
  await loadGradients()
  const held: { readonly row: BehaviourRow; readonly score: number }[] = []
  for (let fifth = 0; fifth < 5; fifth++) {
    const weights = await learnFrom(
      tf,
      looks.filter(row => fifthOf(row.party) !== fifth),
      defaultBehaviourFit,
      silent,
    )
    const last = looks.filter(row => row.last && fifthOf(row.party) === fifth)
    const scores = scoresOfRows(tf, weights, last)
    held.push(...last.map((row, i) => ({ row, score: scores[i]! })))
  }

  for (const callsOnly of [false, true]) {
    const scored = held.filter(({ row }) => row.callsOnly === callsOnly)
    const of = (some: typeof scored) =>
      estimates(
        some.map(({ score }) => score),
        some.map(({ row }) => row.label),
      )
    const fifths = [0, 1, 2, 3, 4].map(fifth => scored.filter(({ row }) => fifthOf(row.party) === fifth))
    const each = fifths.map(of)
    for (const [fifth, figures] of each.entries()) say(`fifth ${fifth}`, callsOnly, fifths[fifth]!.length, figures)
    say('mean of fifths', callsOnly, scored.length, meanOfFifths(each))
    // Calibrated probabilities of five models side by side: what one threshold for all of them would find.
    say('pooled', callsOnly, scored.length, of(scored))
  }

  function say(name: string, callsOnly: boolean, parties: number, figures: object): void {
    const { members, hidden, l2 } = defaultBehaviourFit
    const recipe = `${members} networks of ${hidden.join('-')}, pull ${l2}`
    const line = JSON.stringify({ recipe, trial: 'behaviour fifths', name, callsOnly, parties, ...figures })
    appendFileSync(out!, `${line}\n`)
    process.stdout.write(`${line}\n`)
  }
}

await main(process.argv.slice(2))
