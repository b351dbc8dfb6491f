import { fileURLToPath } from 'node:url'
import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../../engine/activity/index.ts'
import type { BackendChoice } from '../backend/index.ts'
import type { ModelName } from '../training/index.ts'

/** The file of a model that comes with the program. */
export function shippedModel(model: ModelName): string {
  return fileURLToPath(new URL(`../../../models/${model}/weights/model.bin`, import.meta.url))
}

// Named here once more: the back ends' own file loads TensorFlow, which only scoring threads and training need.
const backends = ['auto', 'node', 'wasm', 'cpu'] as const satisfies readonly BackendChoice[]

const shadow = (model: string) =>
  Type.Optional(
    Type.String({
      description: `file of a ${model} model that scores beside the live one, without effect on verdicts`,
    }),
  )

/** The `models` section of the configuration. What a model's judgement weighs is the packs' to say. */
export const modelsSchema = Type.Object(
  {
    enabled: Type.Boolean({
      default: true,
      description: 'ask the models beside the rules; false: rules alone judge',
    }),
    text: Type.String({
      default: 'shipped',
      description: 'the text model: shipped, off, or the path of a file that `ringfence train text` made',
    }),
    behaviour: Type.String({
      default: 'shipped',
      description: 'the behaviour model: shipped, off, or the path of a file that `ringfence train behaviour` made',
    }),
    textShadow: shadow('text'),
    behaviourShadow: shadow('behaviour'),
    backend: closed(
      backends,
      'what runs TensorFlow: node is libtensorflow (tfjs-node), wasm WebAssembly; auto takes node where it is installed',
      'auto',
    ),
    threads: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: 16,
      description: 'scoring threads; one scores 20,000 texts a second',
    }),
    batchRows: Type.Integer({ default: 256, minimum: 1, maximum: 4096, description: 'rows scored at once, at most' }),
    batchMs: Type.Integer({
      default: 2,
      minimum: 0,
      maximum: 1000,
      description: 'longest a row waits for its batch to fill while the threads are busy',
    }),
    queueRows: Type.Integer({
      default: 4096,
      minimum: 1,
      maximum: 1_000_000,
      description: 'rows that may wait; a row that finds the queue full is judged by rules alone and counted',
    }),
    deadlineMs: Type.Integer({
      default: 1_000,
      minimum: 1,
      maximum: 60_000,
      description: 'longest a verdict waits for the models; after it rules alone decide, which is counted',
    }),
  },
  { description: 'The TensorFlow models beside the rules. A replay asks the same models and waits for every answer.' },
)
export type ModelsConfig = Static<typeof modelsSchema>
