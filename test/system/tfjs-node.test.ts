import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { vectorNames } from '../../engine/features/index.ts'
import { openBackend, type Tensorflow } from '../../models/backend/index.ts'
import { behaviourWeightsFolder, createBehaviourJudge, readBehaviourWeights } from '../../models/behaviour/index.ts'
import { createTextJudge, readTextWeights, textWeightsFolder } from '../../models/text/index.ts'
import { randomOf } from '../../models/training/index.ts'

/** The real tfjs-node, built against a libtensorflow from a registry, gives the scores that WebAssembly gives. */

const folder = process.env.RINGFENCE_TFJS_NODE ?? join(tmpdir(), 'ringfence-tfjs-node')
const script = fileURLToPath(new URL('../../../test/system/tfjs-node/build.sh', import.meta.url))

/** Builds it once; a reason when it cannot be built here. */
function build(): string | undefined {
  if (existsSync(join(folder, 'ready'))) return undefined
  for (const tool of ['unzip', 'python3', 'c++', 'npm']) {
    if (spawnSync('which', [tool]).status !== 0)
      return `needs ${tool}: apt-get install ${tool === 'c++' ? 'g++' : tool}`
  }
  mkdirSync(folder, { recursive: true })
  const built = spawnSync('bash', [script, folder], { encoding: 'utf8', timeout: 540_000 })
  if (built.status === 0) return undefined
  return `needs a tfjs-node built by test/system/tfjs-node/build.sh: ${(built.stderr ?? '').trim().split('\n').at(-1)}`
}

const missing = build()

async function nodeBackend(): Promise<Tensorflow> {
  const tf = createRequire(join(folder, 'package.json'))('@tensorflow/tfjs-node') as Tensorflow
  // All copies of TensorFlow.js in a process share one engine: what ran last has to be put aside by name.
  assert.ok(await tf.setBackend('tensorflow'))
  assert.equal(tf.getBackend(), 'tensorflow')
  return tf
}

const TEXTS = [
  'URGENT! You have won a FREE prize of £1000 cash. Call 09061701461 now',
  'ok see you at home later',
  '验证码 482913',
  'Приглашаю в команду, доход от 500$ в неделю',
  '',
  'x'.repeat(3000),
]

test('text scores of tfjs-node equal those of wasm to 1e-4', { skip: missing ?? false }, async () => {
  const weights = readTextWeights(`${textWeightsFolder}model.bin`)
  const { tf } = await openBackend('wasm')
  assert.equal(tf.getBackend(), 'wasm')
  const expected = createTextJudge(tf, weights).score(TEXTS)
  const node = createTextJudge(await nodeBackend(), weights)
  const given = node.score(TEXTS)
  for (const [i, p] of expected.probability.entries()) {
    assert.ok(Math.abs(p - given.probability[i]!) <= 1e-4, `${TEXTS[i]!.slice(0, 40)}: ${p} ${given.probability[i]}`)
  }
  assert.deepEqual(given.kind, expected.kind)
})

test('behaviour scores of tfjs-node equal those of wasm to 1e-4', { skip: missing ?? false }, async () => {
  const weights = readBehaviourWeights(`${behaviourWeightsFolder}model.bin`)
  const { tf } = await openBackend('wasm')
  assert.equal(tf.getBackend(), 'wasm')
  const random = randomOf(3)
  const rows = 200
  const vectors = Float32Array.from({ length: rows * vectorNames.length }, () =>
    random() < 0.5 ? random() : 60 * random(),
  )
  const expected = createBehaviourJudge(tf, weights).score(vectors, rows).probability
  const node = createBehaviourJudge(await nodeBackend(), weights)
  for (const [i, p] of node.score(vectors, rows).probability.entries()) {
    assert.ok(Math.abs(p - expected[i]!) <= 1e-4, `row ${i}: ${p} ${expected[i]}`)
  }
})
