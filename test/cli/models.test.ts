import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ringfence } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-models-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('check reads the models that are configured, and names the file of one that cannot serve', async () => {
  const good = await ringfence(['check'])
  assert.equal(good.code, 0)
  assert.deepEqual(Object.keys((JSON.parse(good.stdout) as { models: object }).models), ['text', 'behaviour'])
  const empty = file('empty.bin', '')
  const bad = await ringfence(['check', '--config', file('bad.yaml', `models: { text: ${empty} }`)])
  assert.equal(bad.code, 1)
  assert.match(bad.stderr, /model file .*empty\.bin is empty/)
  const off = await ringfence(['check', '--config', file('off.yaml', 'models: { enabled: false }')])
  assert.deepEqual((JSON.parse(off.stdout) as { models: object }).models, {})
})

test('evaluate writes a page beside its figures', async () => {
  const rows = ['label\tkind\ttext', 'spam\tspam\tWIN a free prize, call 09061701461 now', 'ham\tham\tsee you <later>']
  const data = file('texts.tsv', rows.join('\n'))
  const html = join(folder, 'report.html')
  const { code, stdout } = await ringfence(['evaluate', 'text', data, '--json', '--html', html])
  assert.equal(code, 0)
  const result = JSON.parse(stdout) as { files: Record<string, { rows: number }>; pooled: { auc: number } }
  assert.equal(result.files['texts.tsv']!.rows, 2)
  assert.equal(result.pooled.auc, 1)
  const page = readFileSync(html, 'utf8')
  assert.match(page, /see you &#60;later&#62;/)
  assert.match(page, /<h2>Ham taken for spam<\/h2>/)
  const nowhere = await ringfence(['evaluate', 'text', data, '--html', join(folder, 'none', 'report.html')])
  assert.equal(nowhere.code, 1)
  assert.match(nowhere.stderr, /cannot write .*report\.html/)
})
