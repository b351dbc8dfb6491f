import { defaultPack, vocabulary } from '../../cli/packs.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { openKafkaLog } from '../../engine/log/index.ts'
import { createLogger, createMetrics, engineCounters } from '../../engine/observe/index.ts'
import { createPartition, type Partition } from '../../engine/partition/index.ts'
import { loadPacks, type Pack } from '../../engine/rules/index.ts'
import { collectRarely, startEngine } from '../../engine/runtime/index.ts'

/** Makes partitions that judge by the pack that ships. */
export function partitionOpener(
  pack: Pack = loadPacks([defaultPack], vocabulary),
  verdicts: 'all' | 'found' = 'found',
): () => Partition {
  const identity = createIdentity({ defaultCountry: 'FR' })
  return () => createPartition({ pack, identity, verdicts })
}

/**
 * An engine as a process of its own, to be killed: argv[2] is the brokers, argv[3] the topic prefix;
 * `quick` after them has it notice faults and save its state within a second or two, instead of as in production, and say
 * only what it found; otherwise every attempt and message gets its verdict, as is the default of the service.
 * Writes `ready` when its partitions are, ends in order on SIGTERM.
 */
async function main(brokers: string, topicPrefix: string, quick: boolean): Promise<void> {
  // As the service does.
  collectRarely()
  const counters = engineCounters()
  const pack = loadPacks([defaultPack], vocabulary)
  const log = await openKafkaLog({
    brokers: brokers.split(','),
    topicPrefix,
    ...(quick ? { sessionTimeoutMs: 2000, heartbeatMs: 200, requestTimeoutMs: 5000 } : {}),
  })
  const engine = await startEngine({
    log,
    openPartition: partitionOpener(pack, quick ? 'found' : 'all'),
    packs: { current: pack },
    snapshotIntervalMs: quick ? 500 : 30_000,
    version: 'test',
    counters,
    metrics: createMetrics(counters, 'test'),
    logger: createLogger({ level: 'error' }),
    now: Date.now,
  })
  process.stdout.write('started\n')
  process.once('SIGTERM', async () => {
    await engine.close()
    await log.close()
  })
  await engine.ended
}

if (process.argv[1]?.endsWith('kafka-engine.js')) {
  const [, , brokers = '', prefix = '', pace] = process.argv
  await main(brokers, prefix, pace === 'quick').catch(error => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  })
}
