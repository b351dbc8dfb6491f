import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Duck, sqlText } from '../archive/index.ts'
import { messageOf, RingfenceError } from '../errors/index.ts'
import type { Inputs } from './inputs.ts'
import { joinStudies } from './join/index.ts'
import type { ExchangeHeader, Study } from './model.ts'
import { countOverlap, noOverlap } from './overlap.ts'
import type { Part } from './part.ts'
import { recommend } from './recommend.ts'

export interface MergeOptions {
  readonly duck: Duck
  /** Folders that `ringfence report --exchange` has written. */
  readonly folders: readonly string[]
  readonly inputs: Inputs
  readonly software: string
}

/**
 * Joins operators' studies. Events that two operators saw are recognised by the pseudonyms of their pair of parties, under
 * a key that all share, in a sample that each draws alike (the pseudonym's last bits), and are counted once. Without a
 * shared key nothing is taken away and the study says so. Cells below `report.suppressBelow` are folded together.
 * @throws RingfenceError INPUT_UNREADABLE, INPUT_INVALID for studies that do not fit together
 */
export async function mergeStudies({ duck, folders, inputs, software }: MergeOptions): Promise<Study> {
  if (folders.length < 2) throw new RingfenceError('USAGE', 'merge needs at least two reports')
  const parts = folders.map(readPart)
  const [first] = parts
  for (const { folder, study } of parts) {
    for (const field of ['from', 'to', 'timezone'] as const)
      if (study.period[field] !== first!.study.period[field])
        throw new RingfenceError(
          'INPUT_INVALID',
          `${folder}: period.${field} is ${study.period[field]}, in ${first!.folder} it is ${first!.study.period[field]}`,
        )
    if (study.currency !== first!.study.currency)
      throw new RingfenceError(
        'INPUT_INVALID',
        `${folder}: currency is ${study.currency}, not ${first!.study.currency}`,
      )
  }
  const names = parts.map(({ study }) => study.operators[0] ?? '')
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    throw new RingfenceError('INPUT_INVALID', `two reports are of an operator named '${twice}'`, {
      hint: 'operator.name in each report’s inputs',
    })
  const headers = parts.map(part => part.header)
  const key = headers[0]?.fingerprint ?? ''
  const shared = key !== '' && headers.every(header => header?.fingerprint === key)
  if (shared) await loadPairs(duck, parts)
  const overlap = shared
    ? await countOverlap(duck, Math.max(...headers.map(header => header?.pairBits ?? 0)))
    : noOverlap(parts.length)
  const draft = joinStudies({ parts, overlap, shared, inputs, software })
  return { ...draft, recommendations: recommend(draft) }
}

function readPart(folder: string): Part {
  const read = <T>(name: string): T => {
    try {
      return JSON.parse(readFileSync(join(folder, name), 'utf8')) as T
    } catch (error) {
      throw new RingfenceError('INPUT_UNREADABLE', `${join(folder, name)}: ${messageOf(error)}`, {
        hint: 'a folder that `ringfence report` has written',
        cause: error,
      })
    }
  }
  const study = read<Study>('study.json')
  if (study.format !== 1 || study.merged !== undefined)
    throw new RingfenceError('INPUT_INVALID', `${folder}: only reports of single operators can be merged`)
  const header = existsSync(join(folder, 'exchange', 'exchange.json'))
    ? read<ExchangeHeader>(join('exchange', 'exchange.json'))
    : undefined
  return { folder, study, header }
}

async function loadPairs(duck: Duck, parts: readonly Part[]): Promise<void> {
  for (const name of ['pairs', 'targets', 'sources']) {
    const selects = parts.map(
      ({ folder }, i) =>
        `SELECT ${i} AS operator, * FROM read_parquet(${sqlText(join(folder, 'exchange', `${name}.parquet`))})`,
    )
    await duck.run(`CREATE OR REPLACE TABLE all_${name} AS ${selects.join(' UNION ALL ')}`)
  }
}
