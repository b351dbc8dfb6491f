import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { editionOf, type FeedEntry } from '../../engine/feeds/edition.ts'
import { stix } from '../../engine/feeds/stix.ts'
import { stixLibrary } from '../support/stix.ts'

const NOW_MS = Date.now()
const library = await stixLibrary()

/** Numbers of two ranges, machines of both families, an address and a name that no pattern may break out of. */
const parties = [
  ...Array.from({ length: 40 }, (_, i) => `+3316200${1000 + i}`),
  'ip:192.0.2.7',
  'ip:2001:db8::7',
  "o'neil\\@spam.example",
  "'] OR [ipv4-addr:value = '192.0.2.1",
]
const entries: readonly FeedEntry[] = parties.map((party, i) => ({
  party,
  action: i % 3 === 0 ? 'divert' : 'block',
  score: 9,
  source: 'reputation',
  untilMs: NOW_MS + 3_600_000,
  category: i % 2 === 0 ? 'robocall' : undefined,
}))

describe('the STIX feed', { skip: 'missing' in library ? library.missing : false }, () => {
  it('is STIX 2.1 to the library of OASIS, every object and every pattern of it, in both modes', async () => {
    if ('missing' in library) return
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-stix-'))
    try {
      const files = (['prefix', 'pseudonym'] as const).map(mode => {
        const options = { identity: "L'opérateur \\ Example", mode, kAnonymity: 10, key: new Uint8Array(32) }
        const file = join(folder, `${mode}.json`)
        writeFileSync(file, JSON.stringify(stix(editionOf(entries, NOW_MS, 1), options)))
        return file
      })
      const [prefix, pseudonym] = (await library.check(files)) as {
        objects: number
        patterns: number
        errors: string[]
      }[]
      assert.deepEqual([prefix?.errors, pseudonym?.errors], [[], []])
      assert.equal(pseudonym?.patterns, parties.length)
      assert.ok((prefix?.patterns ?? 0) >= 3, 'machines and at least one prefix')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
