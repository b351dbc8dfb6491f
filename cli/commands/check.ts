import { Command } from 'commander'
import { RingfenceError } from '../../engine/errors/index.ts'
import { checkPacks, formatProblem } from '../../engine/rules/index.ts'
import { readConfig } from '../config.ts'
import { packFolders, vocabulary } from '../packs.ts'
import { collect } from './replay.ts'

export function checkCommand(): Command {
  return new Command('check')
    .description(
      'Validates configuration, packs and lists: every problem with its file and line, and what would be valid.',
    )
    .option('--config <file>', 'YAML configuration')
    .option('--packs <dir>', 'a pack laid over the default one; repeatable', collect, [])
    .action((options: { config?: string; packs: readonly string[] }) => {
      const config = readConfig(options.config)
      const folders = packFolders([...config.engine.packs, ...options.packs])
      const { pack, problems } = checkPacks(folders, vocabulary)
      if (pack === undefined) throw new RingfenceError('PACK_INVALID', problems.map(formatProblem).join('\n'))
      process.stdout.write(
        `${JSON.stringify({
          config: options.config ?? 'defaults',
          taps: config.taps.map(({ name, type }) => ({ name, type })),
          packs: folders,
          version: pack.version,
          rules: pack.rules.length,
          off: pack.off.length,
          composites: pack.composites.length,
          thresholds: pack.thresholds,
        })}\n`,
      )
    })
}
