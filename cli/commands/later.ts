import { Command } from 'commander'
import { RingfenceError } from '../../engine/errors/index.ts'

const later = [['report', 'the Resolution 52 study: volume, types, routes, sources, cost']] as const

/** Commands whose names are fixed but whose rooms are not built: they say so and exit 2. */
export function laterCommands(): Command[] {
  return later.map(([name, summary]) =>
    new Command(name)
      .description(`${summary} (not in this version)`)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw new RingfenceError('NOT_YET', `'${name}' is not in this version`, { hint: 'see the README for what is' })
      }),
  )
}
