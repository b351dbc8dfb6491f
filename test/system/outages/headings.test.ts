import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readRules } from '../../support/helm/rules.ts'

const sources = fileURLToPath(new URL('../../../../test/system/outages', import.meta.url))

it('every alert is provoked for real and seen to end', () => {
  const text = readdirSync(sources)
    .map(file => readFileSync(join(sources, file), 'utf8'))
    .join('\n')
  const lists = [...text.matchAll(/for \(const name of \[([^\]]+)\]\)/g)].flatMap(([, names]) =>
    [...names!.matchAll(/'(\w+)'/g)].map(([, name]) => name!),
  )
  const alerts = readRules().groups.flatMap(group => group.rules.flatMap(({ alert }) => alert ?? []))
  const missing = alerts.filter(alert => {
    const fires = text.includes(`fires('${alert}'`)
    const ends = text.includes(`ends('${alert}'`) || lists.includes(alert.replace(/^Ringfence/, ''))
    return !(fires && ends)
  })
  assert.deepEqual(missing, [])
})
