import { once } from 'node:events'
import { Command, InvalidArgumentError } from 'commander'
import { readConfig } from '../config.ts'
import { type Role, roles, startService } from '../service/index.ts'

function parseRoles(text: string): readonly Role[] {
  const chosen = text.split(',').map(part => part.trim())
  const wrong = chosen.find(part => !(roles as readonly string[]).includes(part))
  if (wrong !== undefined) throw new InvalidArgumentError(`'${wrong}' is none of ${roles.join(', ')}.`)
  return chosen as Role[]
}

export function runCommand(): Command {
  return new Command('run')
    .option('--config <file>', 'YAML configuration; defaults alone without it')
    .option('--roles <list>', `which of ${roles.join(', ')}, joined by commas`, parseRoles, roles)
    .action(async (options: { config?: string; roles: readonly Role[] }) => {
      const service = await startService({ config: readConfig(options.config), roles: options.roles })
      const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
      try {
        await Promise.race([stopped, service.ended])
      } finally {
        await service.close()
      }
    })
}
