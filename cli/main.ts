#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { messageOf, RingfenceError } from '../engine/errors/index.ts'
import { commands } from './commands/index.ts'
import { version } from './version.ts'

/** Exit codes, stable: scripts depend on them (DESIGN §9). */
const FAILED = 1
const BAD_USAGE = 2

/** Loads the one command that is asked for: all of them together take a second, which `--help` need not wait for. */
async function program(asked: string | undefined): Promise<Command> {
  const root = new Command('ringfence')
    .description('Finds spam calls and messages in SIP signalling and IP messaging, and says why.')
    .version(version)
    .showHelpAfterError('(--help lists the commands and options)')
    .configureHelp({ sortSubcommands: false })
    .exitOverride()
  for (const { name, description, load } of commands)
    root.addCommand((name === asked ? await load() : new Command(name)).description(description))
  for (const command of root.commands.flatMap(each => [each, ...each.commands]))
    command.exitOverride().showHelpAfterError(`(ringfence ${command.name()} --help)`)
  return root
}

/** The command that the arguments name, as in `ringfence check …` or `ringfence help check`. */
function askedFor(args: readonly string[]): string | undefined {
  return args.find(arg => !arg.startsWith('-') && arg !== 'help')
}

async function main(): Promise<number> {
  try {
    await (await program(askedFor(process.argv.slice(2)))).parseAsync()
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_USAGE
    process.stderr.write(`ringfence: ${messageOf(error)}\n`)
    if (error instanceof RingfenceError) {
      if (error.hint !== undefined) process.stderr.write(`  ${error.hint}\n`)
      return error.code === 'USAGE' ? BAD_USAGE : FAILED
    }
    if (error instanceof Error && process.env.DEBUG !== undefined) process.stderr.write(`${error.stack}\n`)
    return FAILED
  }
}

// A reader that goes away (`| head`) is not a failure.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await main()
