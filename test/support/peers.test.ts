import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findPeer, needs, peerPackages, requirePeer, versionOf } from './peers.ts'

describe('peers', () => {
  it('are all installed by continuous integration', () => {
    const script = readFileSync(fileURLToPath(new URL('../../../.ci/run', import.meta.url)), 'utf8')
    const words = new Set(script.split(/[^\w.+-]+/))
    assert.deepEqual(
      peerPackages.filter(name => !words.has(name)),
      [],
    )
  })

  it('that are there say where and which', () => {
    const there = (['sipp', 'kamailio', 'tshark', 'tcpdump'] as const).filter(name => findPeer(name) !== undefined)
    for (const name of there) {
      assert.equal(needs(name), false)
      assert.ok(requirePeer(name).endsWith(`/${name}`))
      assert.match(versionOf(name), /\d+\.\d+/)
    }
  })
})
