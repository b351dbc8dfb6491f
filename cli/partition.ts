import { createIdentity } from '../engine/identity/index.ts'
import { createPartition, type Partition } from '../engine/partition/index.ts'
import type { Pack } from '../engine/rules/index.ts'
import type { Scorer } from '../engine/scorer/index.ts'
import type { Config } from './config.ts'

/** A partition as configuration says, the same for the service, a replay and an explanation: what they say must agree. */
export function openPartition(
  config: Pick<Config, 'engine' | 'identity' | 'feedback'>,
  pack: Pack,
  scorer: Scorer,
): Partition {
  const { maxParties, verdicts } = config.engine
  return createPartition({
    pack,
    identity: createIdentity(config.identity),
    behaviour: { maxParties },
    feedback: config.feedback,
    verdicts,
    scorer,
  })
}
