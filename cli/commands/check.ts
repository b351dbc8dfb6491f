import { Command } from 'commander'
import { RingfenceError } from '../../engine/errors/index.ts'
import { verifyKafkaTopics } from '../../engine/log/index.ts'
import { createLogger } from '../../engine/observe/index.ts'
import { checkPacks, formatProblem } from '../../engine/rules/index.ts'
import { type Config, readConfig } from '../config.ts'
import { kafkaOptions } from '../log.ts'
import { checkModels } from '../models.ts'
import { packFolders, vocabulary } from '../packs.ts'
import { collect } from './replay.ts'

export function checkCommand(): Command {
  return new Command('check')
    .option('--config <file>', 'YAML configuration')
    .option('--packs <dir>', 'a pack laid over the default one; repeatable', collect, [])
    .option('--kafka', 'ask the configured Kafka whether its topics are as they should be')
    .action(async (options: { config?: string; packs: readonly string[]; kafka?: true }) => {
      const config = readConfig(options.config)
      const folders = packFolders([...config.engine.packs, ...options.packs])
      const { pack, problems } = checkPacks(folders, vocabulary)
      if (pack === undefined) throw new RingfenceError('PACK_INVALID', problems.map(formatProblem).join('\n'))
      const models = await checkModels(config.models)
      if (options.kafka === true) await checkKafka(config)
      process.stdout.write(
        `${JSON.stringify({
          config: options.config ?? 'defaults',
          taps: config.taps.map(({ name, type }) => ({ name, type })),
          packs: folders,
          version: pack.version,
          rules: pack.rules.length,
          off: pack.off.length,
          composites: pack.composites.length,
          // Conditions that the library evaluates itself: right, but some twenty times slower.
          slow: pack.rules.filter(rule => !rule.condition.closures).map(rule => rule.symbol),
          models,
          thresholds: pack.thresholds,
        })}\n`,
      )
    })
}

/** @throws RingfenceError CONFIG_INVALID with a line for every topic that differs */
async function checkKafka(config: Config): Promise<void> {
  const differences = await verifyKafkaTopics(kafkaOptions(config.log, createLogger({ level: 'silent' })))
  if (differences.length > 0)
    throw new RingfenceError('CONFIG_INVALID', differences.join('\n'), {
      hint: 'log.kafka.createTopics creates what is missing; what exists is for its operator to change',
    })
}
