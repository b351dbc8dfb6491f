import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openDuck } from '../../../engine/archive/index.ts'
import { type Interval, mergeStudies, readInputs, type Study } from '../../../engine/report/index.ts'
import { type Country, simulateCountry } from './country.ts'
import { reportCountry } from './support.ts'

const FROM = '2026-03-02'
const TO = '2026-03-12'
const holds = (interval: Interval | undefined, truth: number) =>
  interval !== undefined && interval.low <= truth && truth <= interval.high

describe('a simulated country', () => {
  let root = ''
  let country: Country
  let made: Awaited<ReturnType<typeof reportCountry>>
  let merged: Study

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'ringfence-country-'))
    country = simulateCountry({ seed: 52, firstDay: FROM, days: 10, ordinaryPerDay: 900 })
    made = await reportCountry(country, root, { from: FROM, to: TO })
    const duck = await openDuck({ threads: 2, memoryBytes: 512e6 })
    merged = await mergeStudies({
      duck,
      folders: made.map(each => each.folder),
      inputs: readInputs('', 'inputs.yaml'),
      software: 'test',
    })
    duck.close()
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  it('counts every event of each operator once', () => {
    for (const { study, operator } of made) assert.equal(study.volume.events, operator.truth.events)
  })

  it('holds the true volume of spam in the interval of each operator', () => {
    for (const { study, operator } of made) {
      const { estimate } = study.volume
      assert.ok(
        holds(estimate, operator.truth.spam),
        `${operator.name}: ${operator.truth.spam} in ${JSON.stringify(estimate)}`,
      )
      assert.ok(estimate!.high - estimate!.low < operator.truth.spam, 'the interval says something')
    }
  })

  it('holds the true spam of routes in their intervals, nineteen times of twenty', () => {
    let held = 0
    let all = 0
    for (const { study, operator } of made) {
      for (const [trunk, spam] of operator.truth.spamByTrunk) {
        all++
        if (holds(study.features.trunks.find(({ name }) => name === trunk)?.estimate, spam)) held++
      }
    }
    assert.ok(all >= 12)
    assert.ok(held / all >= 0.9, `${held} of ${all}`)
  })

  it('ranks routes and sources as they are', () => {
    for (const { study, operator } of made) {
      const [loudest] = [...operator.truth.spamByTrunk].sort((a, b) => b[1] - a[1])
      assert.equal(study.features.trunks[0]?.name, loudest![0])
      const ranges = study.features.ranges.slice(0, 3).map(({ name }) => name)
      assert.ok(
        ranges.includes(operator.truth.loudestRanges[0]!),
        `${operator.truth.loudestRanges[0]} in ${ranges.join()}`,
      )
    }
  })

  it('finds languages, types, campaigns and hours of the spam', () => {
    const { study } = made[0]!
    assert.deepEqual(new Set(study.types.map(({ name }) => name)), new Set(['call', 'sms', 'ip-message']))
    assert.deepEqual(new Set(study.features.campaigns.map(({ name }) => name)), new Set(['smishing', 'bulk']))
    const languages = study.features.languages.map(({ name }) => name)
    assert.ok(languages.includes('fr') && languages.includes('en'), languages.join())
    assert.ok(study.features.hours.flat().reduce((sum, n) => sum + n, 0) === study.volume.spam)
  })

  it('measures precision and recall with intervals that hold the simulated engine’s', () => {
    for (const { study } of made) assert.ok(holds(study.quality.recall, 0.92), JSON.stringify(study.quality.recall))
  })

  it('counts no event of two operators twice in the merged total', () => {
    const sum = made.reduce((all, { study }) => all + study.volume.events, 0)
    assert.ok(sum > country.truth.events * 1.2, 'operators share a good part of their events')
    assert.ok(
      Math.abs(merged.volume.events - country.truth.events) <= country.truth.events * 0.002,
      `${merged.volume.events} of ${country.truth.events}`,
    )
    assert.equal(merged.merged?.deduplicated, true)
  })

  it('holds the true national volume of spam in the merged interval', () => {
    assert.ok(
      holds(merged.volume.estimate, country.truth.spam),
      `${country.truth.spam} in ${JSON.stringify(merged.volume.estimate)}`,
    )
  })

  it('joins each subscriber once', () => {
    const targets = new Set<string>()
    for (const { operator } of made)
      for (const { target, action } of operator.verdicts)
        if (action !== 'allow' && action !== 'block') targets.add(target!)
    assert.equal(merged.effect.reached, targets.size)
  })
})
