import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'

/** TensorFlow's operations, whatever runs them. */
export type Tensorflow = typeof tf

export type BackendName = 'node' | 'wasm' | 'cpu'
const backendChoices = ['auto', 'node', 'wasm', 'cpu'] as const
export type BackendChoice = (typeof backendChoices)[number]

export interface Backend {
  readonly name: BackendName
  readonly tf: Tensorflow
}

/**
 * Opens TensorFlow on this thread. `auto` takes libtensorflow through tfjs-node where it loads and WebAssembly otherwise;
 * the JavaScript back end is for training, whose gradients WebAssembly lacks. Throws MODEL_INVALID when the one asked for
 * by name is not to be had.
 */
export async function openBackend(choice: BackendChoice): Promise<Backend> {
  if (choice === 'auto') return (await openNode()) ?? (await openWasm())
  if (choice === 'cpu') return openCpu()
  if (choice === 'wasm') return openWasm()
  const node = await openNode()
  if (node !== undefined) return node
  throw new RingfenceError('MODEL_INVALID', 'the tensorflow back end "node" is not installed', {
    hint: 'its install step downloads libtensorflow; without it use wasm, or build it (docs/models.md)',
  })
}

async function openNode(): Promise<Backend | undefined> {
  // Named by a variable: it is optional, and the compiler must not want it.
  const name = '@tensorflow/tfjs-node'
  try {
    const loaded = (await import(name)) as { default?: Tensorflow } & Tensorflow
    const node = loaded.default ?? loaded
    await node.setBackend('tensorflow')
    await node.ready()
    return { name: 'node', tf: node }
  } catch {
    return undefined
  }
}

async function openWasm(): Promise<Backend> {
  try {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
    const binary = import.meta.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm')
    setWasmPaths(fileURLToPath(new URL('.', binary)))
    await tf.setBackend('wasm')
    await tf.ready()
  } catch (cause) {
    throw new RingfenceError('MODEL_INVALID', `the tensorflow back end "wasm" does not start: ${messageOf(cause)}`, {
      cause,
    })
  }
  return { name: 'wasm', tf }
}

async function openCpu(): Promise<Backend> {
  tf.enableProdMode()
  await import('@tensorflow/tfjs-backend-cpu')
  await loadGradients()
  await tf.setBackend('cpu')
  await tf.ready()
  return { name: 'cpu', tf }
}

/** Makes training possible: tfjs-layers brings the gradients of all operations, the core's bundle for Node registers none. */
export async function loadGradients(): Promise<void> {
  await import('@tensorflow/tfjs-layers')
}
