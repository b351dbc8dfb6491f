import { appendFileSync, writeFileSync } from 'node:fs'
import { feedOf, sourceOf } from '../../../cli/commands/train.ts'
import { loadGradients, openBackend } from '../../../models/backend/index.ts'
import {
  defaultBehaviourFit,
  fifthOf,
  learnFrom,
  looksOf,
  readLabels,
  scoresOfRows,
} from '../../../models/behaviour/index.ts'
import { silent } from '../../../models/training/index.ts'
import { type Estimates, estimates, meanOfFifths } from './intervals.ts'

interface Scored {
  readonly label: 0 | 1
  readonly score: number
}

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
  const kinds = [false, true].map(callsOnly => ({ callsOnly, scored: [] as Scored[], fifths: [] as Estimates[] }))
  for (let fifth = 0; fifth < 5; fifth++) {
    const learning = looks.filter(row => fifthOf(row.party) !== fifth)
    const weights = await learnFrom(tf, learning, defaultBehaviourFit, silent)
    for (const { callsOnly, scored, fifths } of kinds) {
      const last = looks.filter(row => row.last && row.callsOnly === callsOnly && fifthOf(row.party) === fifth)
      const scores = scoresOfRows(tf, weights, last)
      const held = last.map(({ label }, i) => ({ label, score: scores[i]! }))
      const figures = of(held)
      say(`fifth ${fifth}`, callsOnly, held.length, figures)
      scored.push(...held)
      fifths.push(figures)
    }
  }
  for (const { callsOnly, scored, fifths } of kinds) {
    say('mean of fifths', callsOnly, scored.length, meanOfFifths(fifths))
    // Calibrated probabilities of five models side by side: what one threshold for all of them would find.
    say('pooled', callsOnly, scored.length, of(scored))
  }

  function of(scored: readonly Scored[]): Estimates {
    return estimates(
      scored.map(({ score }) => score),
      scored.map(({ label }) => label),
    )
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
