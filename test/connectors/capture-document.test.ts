import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../../cli/config.ts'
import { hepDropReasons } from '../../connectors/hep/index.ts'
import { netDropReasons, tcpDropReasons } from '../../connectors/net/index.ts'
import { captureDropReasons } from '../../connectors/pcap/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-document-'))
after(() => rmSync(folder, { recursive: true }))

const text = readFileSync(fileURLToPath(new URL('../../../docs/capture.md', import.meta.url)), 'utf8')

test('every configuration in docs/capture.md is valid', () => {
  const blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml ?? '')
  assert.equal(blocks.length, 3)
  for (const block of blocks) {
    const path = join(folder, 'ringfence.yaml')
    writeFileSync(path, block)
    assert.equal(readConfig(path, {}).taps.length, 1)
  }
})

test('every reason to drop is explained in docs/capture.md', () => {
  // What every capture holds beside signalling is passed over, not dropped.
  const ordinary = ['not-ip', 'other-transport']
  const reasons = [...hepDropReasons, ...netDropReasons, ...tcpDropReasons, ...captureDropReasons]
  const missing = reasons.filter(reason => !ordinary.includes(reason) && !text.includes(`\`${reason}\``))
  assert.deepEqual(missing, [])
})
