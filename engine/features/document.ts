import { textFactMeanings, textFactNames } from '../content/index.ts'
import { catalogue } from './catalogue.ts'
import type { Feature } from './feature.ts'
import { schemaHash } from './vector.ts'

const SIDES = { acting: 'acts', 'acted-upon': 'is acted upon', both: 'both' } as const

/** The catalogue as Markdown: docs/features.md, which a test holds to be what this gives. */
export function featuresDocument(): string {
  const groups = (['acting', 'both', 'acted-upon'] as const).map(side => ({
    side,
    features: catalogue.filter(feature => feature.side === side),
  }))
  return [
    '# Features',
    '',
    'Generated from the catalogue in `engine/features` (`npm run docs`); do not edit.',
    '',
    `${catalogue.length} numbers about one party, read at the event time of the activity under judgement. Rules name them with the role`,
    'of the record: `origin.calls_10m` where the party acts, `target.distinct_origins_10m` where it is acted upon. Time is event',
    'time only: the same records give the same numbers, live or replayed.',
    '',
    `Schema of the models' input vector (all features in catalogue order): \`${schemaHash}\`.`,
    '',
    '## How they are counted',
    '',
    '- A window is two buckets aligned to it. The sliding count is `current + previous × the share of the previous bucket that',
    '  the window still covers`. A count is kept in 8 bits and carried into a further 8 where it needs them: 65,535 a bucket.',
    '- A late event goes to the bucket of its own time while one of the two holds it. An event that runs ahead of a dense stream',
    '  by more than the limit is counted at the time of the stream. Both are counted.',
    '- The same activity seen again, from another tap or in a replay, is counted once.',
    '- A party that has been idle for 40 days is forgotten, and when the table is full the one idle longest of 32. Both are',
    '  counted.',
    '- Where there is nothing to divide by, a share is 0.',
    ...groups.flatMap(({ side, features }) => ['', `## The party ${SIDES[side]}`, '', ...table(features)]),
    '',
    '## Facts of a message text',
    '',
    'Rules name them `text.NAME`; they are 0 where there is no text.',
    '',
    ...aligned([['name', 'meaning'], ...textFactNames.map(name => [`\`text.${name}\``, textFactMeanings[name]])]),
    '',
  ].join('\n')
}

function table(features: readonly Feature[]): string[] {
  return aligned([
    ['name', 'meaning', 'unit', 'window', 'computed', 'error'],
    ...features.map(({ name, meaning, unit, window, computed, errorBound }) => [
      `\`${name}\``,
      meaning,
      unit,
      window ?? 'now',
      computed,
      errorBound,
    ]),
  ])
}

/** A Markdown table with its columns lined up, as the formatter wants it; the first row is the head. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  const lines = rows.map(row => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
  return [lines[0]!, `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`, ...lines.slice(1)]
}
