import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { defaultPack, vocabulary } from '../../../cli/packs.ts'
import { labels, readLegal, recommendationTexts, speakerOf } from '../../../engine/report/index.ts'
import { loadPacks } from '../../../engine/rules/index.ts'
import { packFolder } from './support.ts'

interface Text {
  readonly en: string
  readonly fr: string
}

/** Words that both languages write alike. */
const alike = new Set([
  'Volume',
  'Types',
  'Type',
  'Action',
  'Source',
  'Sources',
  'SMS',
  'Total',
  'Provenance',
  'Concentration',
  'Interconnect',
  'Signature',
  'Assumption',
  'SIP 607 Unwanted (RFC 8197)',
  'SIP 608 Rejected (RFC 8688)',
  'France',
])

function hold(name: string, { en, fr }: Text): void {
  assert.ok(en.trim() !== '' && fr.trim() !== '', `${name} lacks a language`)
  assert.ok(en !== fr || alike.has(en), `${name} is the same in both languages: ${en}`)
  const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, slot]) => slot).sort()
  assert.deepEqual(slots(en), slots(fr), `${name} fills in other things`)
}

describe('English and French', () => {
  it('have every label of the report', () => {
    for (const [name, text] of Object.entries(labels)) hold(name, text)
  })

  it('have every recommendation', () => {
    for (const { rule, says } of recommendationTexts) hold(rule, says)
  })

  it('have every reason and category of every pack that ships', () => {
    for (const folders of [[defaultPack], [defaultPack, packFolder('fr')], [defaultPack, packFolder('us')]]) {
      const pack = loadPacks(folders, vocabulary)
      for (const { symbol, says } of [...pack.rules, ...pack.composites, ...pack.models]) hold(symbol, says)
      for (const { name, says } of pack.categories.values()) hold(name, says)
    }
  })

  it('have every definition and legal assumption of every pack that ships', () => {
    for (const name of ['fr', 'us']) {
      const { jurisdiction, definitions } = readLegal([defaultPack, packFolder(name)])
      hold(name, jurisdiction.labels)
      for (const { text, assumes } of jurisdiction.references) hold(text, assumes)
      for (const profile of definitions.profiles) hold(profile.name, profile.says)
      assert.ok(definitions.profiles.some(profile => profile.name === jurisdiction.definition))
    }
  })

  it('have every alert of the chart', () => {
    const file = fileURLToPath(new URL('../../../../helm/ringfence/rules/ringfence.rules.yaml', import.meta.url))
    if (!existsSync(file)) return
    const text = readFileSync(file, 'utf8')
    const alerts = text.match(/- alert: /g)?.length ?? 0
    const french = text.match(/^\s+(summary|description)_fr:/gm)?.length ?? 0
    assert.ok(alerts > 0)
    assert.ok(french >= alerts, `${french} French texts for ${alerts} alerts`)
  })

  it('print numbers, dates and countries as each is used to', () => {
    assert.equal(speakerOf('en').count(1234567), '1,234,567')
    assert.equal(speakerOf('fr').count(1234567), '1\u202f234\u202f567')
    assert.equal(speakerOf('fr').country('GB'), 'Royaume-Uni')
    assert.equal(speakerOf('en').date('2026-03-01'), '1 March 2026')
    assert.equal(speakerOf('fr').date('2026-03-01'), '1 mars 2026')
  })
})
