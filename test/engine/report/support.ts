import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultPack } from '../../../cli/packs.ts'
import type { BilingualText, Feedback } from '../../../engine/activity/index.ts'
import {
  type ArchiveStore,
  createChunk,
  createLanguageReader,
  createPseudonyms,
  type Duck,
  openDuck,
} from '../../../engine/archive/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import {
  makeStudy,
  pairBitsFor,
  periodOf,
  readInputs,
  readLegal,
  type Study,
  writeExchange,
  writeReviewSample,
  writeStudy,
} from '../../../engine/report/index.ts'
import { localArchive } from '../archive/support.ts'
import type { Country, Operator } from './country.ts'

export const secret = Buffer.from('the key that the operators share')
export const packFolder = (name: string) => join(defaultPack, '..', name)

/** Files an operator's records into an archive as the serve role would. */
export async function archiveOperator(
  duck: Duck,
  root: string,
  operator: Pick<Operator, 'verdicts' | 'activities'> & { readonly feedback: readonly Feedback[] },
  name: string,
  key: Uint8Array = secret,
): Promise<ArchiveStore> {
  const store = localArchive(join(root, 'archive'))
  const chunk = createChunk({
    duck,
    store,
    spool: join(root, 'spool'),
    identity: createIdentity({ defaultCountry: 'FR' }),
    pseudonyms: createPseudonyms(key, 'month'),
    language: await createLanguageReader(),
  })
  for (const verdict of operator.verdicts) chunk.verdict(verdict)
  for (const activity of operator.activities) chunk.activity(activity)
  for (const feedback of operator.feedback) chunk.feedback(feedback)
  await chunk.write(name)
  await chunk.discard()
  return store
}

export interface Made {
  readonly study: Study
  readonly folder: string
}

export interface MakeOptions {
  readonly from: string
  readonly to: string
  readonly inputs?: string
  readonly packs?: readonly string[]
  readonly language?: 'en' | 'fr'
  readonly key?: Uint8Array
  readonly out?: string
}

const categoryTexts: ReadonlyMap<string, BilingualText> = new Map([
  ['robocall', { en: 'Automated or unsolicited calls', fr: 'Appels automatisés ou non sollicités' }],
  ['wangiri', { en: 'Missed-call fraud (wangiri)', fr: "Fraude à l'appel manqué (wangiri)" }],
  ['smishing', { en: 'Phishing by message', fr: 'Hameçonnage par message' }],
  ['bulk', { en: 'Unsolicited bulk messages', fr: 'Messages non sollicités en masse' }],
])

/** Makes and writes the report of an archive, with what a merge needs. */
export async function makeReport(store: ArchiveStore, root: string, options: MakeOptions): Promise<Made> {
  const duck = await openDuck({ threads: 2, memoryBytes: 512e6 })
  try {
    const legal = readLegal([defaultPack, ...(options.packs ?? [])])
    const inputs = readInputs(options.inputs ?? '', 'inputs.yaml')
    const period = periodOf(options.from, options.to, legal.jurisdiction.timezone)
    const { fingerprint } = createPseudonyms(options.key ?? secret, 'month')
    const study = await makeStudy({
      duck,
      store,
      folder: join(root, 'copies'),
      period,
      inputs,
      legal,
      categories: categoryTexts,
      software: 'Ringfence test',
      pseudonyms: { fingerprint, rotation: 'month' },
      progress: () => {},
    })
    const folder = options.out ?? join(root, 'report')
    mkdirSync(folder, { recursive: true })
    await writeReviewSample(duck, folder)
    const pairBits = pairBitsFor(study.coverage.rows)
    const { from, to } = options
    const header = { format: 1, operator: inputs.operator.name, fingerprint, from, to, pairBits } as const
    await writeExchange(duck, folder, header, inputs.report.suppressBelow)
    await writeStudy({ study, language: options.language ?? 'en', folder, duck, madeAtMs: 0 })
    return { study, folder }
  } finally {
    duck.close()
  }
}

/** What honest analysts say of the sample that a report has drawn. */
export function reviewsOf({ isSpam, name }: Operator, folder: string, timeMs: number): Feedback[] {
  const [, ...lines] = readFileSync(join(folder, 'review.csv'), 'utf8').trim().split('\r\n')
  return lines.map(line => {
    const verdict = line.split(',')[0]!
    return {
      id: `review-${name}-${verdict}`,
      time: timeMs,
      party: 'reviewed',
      source: 'analyst',
      opinion: isSpam(verdict) ? 'spam' : 'ham',
      verdict,
    }
  })
}

export const inputsFor = (name: string) => `
operator: { name: ${name}, subscribers: 120000 }
investment:
  made:
    - { item: { en: Signalling probes, fr: Sondes de signalisation }, kind: facilities, low: 90000, mid: 110000, high: 130000, source: purchase orders 2025 }
  planned:
    - { item: { en: Second site, fr: Deuxième site }, kind: network, low: 40000, mid: 60000, high: 90000, source: budget 2027 }
`

/** Each operator's archive and reviewed report of a country. */
export async function reportCountry(country: Country, root: string, options: MakeOptions) {
  const made: (Made & { readonly operator: Operator; readonly store: ArchiveStore })[] = []
  for (const operator of country.operators) {
    const place = join(root, operator.name)
    const duck = await openDuck({ threads: 2, memoryBytes: 512e6 })
    const store = await archiveOperator(duck, place, { ...operator, feedback: operator.complaints }, 'part-1')
    const mine = { ...options, inputs: inputsFor(operator.name) }
    const first = await makeReport(store, place, mine)
    const reviews = reviewsOf(operator, first.folder, Date.parse(options.to) + 3 * 86_400_000)
    await archiveOperator(duck, place, { verdicts: [], activities: [], feedback: reviews }, 'part-2')
    duck.close()
    made.push({ ...(await makeReport(store, place, mine)), operator, store })
  }
  return made
}
