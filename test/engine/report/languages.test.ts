import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
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

interface AlertRule {
  readonly alert?: string
  readonly annotations?: Readonly<Record<string, string>>
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
    const { groups } = parse(readFileSync(file, 'utf8')) as { groups: { rules: AlertRule[] }[] }
    const alerts = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined)
    assert.ok(alerts.length > 0)
    for (const { alert, annotations } of alerts) {
      for (const text of ['summary', 'description']) {
        assert.ok(annotations?.[text] && annotations[`${text}_fr`], `${alert}: ${text} in both languages`)
        assert.notEqual(annotations[text], annotations[`${text}_fr`], alert)
      }
    }
  })

  it('print numbers, dates and countries as each is used to', () => {
    assert.equal(speakerOf('en').count(1234567), '1,234,567')
    assert.equal(speakerOf('fr').count(1234567), '1\u202f234\u202f567')
    assert.equal(speakerOf('fr').country('GB'), 'Royaume-Uni')
    assert.equal(speakerOf('en').date('2026-03-01'), '1 March 2026')
    assert.equal(speakerOf('fr').date('2026-03-01'), '1 mars 2026')
  })
})
