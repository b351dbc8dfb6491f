#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { messageOf, RingfenceError } from '../engine/errors/index.ts'
import { checkCommand } from './commands/check.ts'
import { demoCommand } from './commands/demo.ts'
import { evaluateCommand } from './commands/evaluate.ts'
import { explainCommand } from './commands/explain.ts'
import { inspectCommand } from './commands/inspect.ts'
import { replayCommand } from './commands/replay.ts'
import { reportCommand } from './commands/report.ts'
import { runCommand } from './commands/run.ts'
import { trainCommand } from './commands/train.ts'
import { version } from './version.ts'

/** Exit codes, stable: scripts depend on them (DESIGN §9). */
const FAILED = 1
const BAD_USAGE = 2

function program(): Command {
  const root = new Command('ringfence')
    .description('Finds spam calls and messages in SIP signalling and IP messaging, and says why.')
    .version(version)
    .showHelpAfterError('(--help lists the commands and options)')
    .configureHelp({ sortSubcommands: false })
    .exitOverride()
  const commands = [
    runCommand(),
    demoCommand(),
    replayCommand(),
    inspectCommand(),
    checkCommand(),
    explainCommand(),
    trainCommand(),
    evaluateCommand(),
    reportCommand(),
  ]
  for (const command of commands) root.addCommand(command)
  for (const command of root.commands.flatMap(each => [each, ...each.commands]))
    command.exitOverride().showHelpAfterError(`(ringfence ${command.name()} --help)`)
  return root
}

async function main(): Promise<number> {
  try {
    await program().parseAsync()
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_USAGE
    process.stderr.write(`ringfence: ${messageOf(error)}\n`)
    if (error instanceof RingfenceError) {
      if (error.hint !== undefined) process.stderr.write(`  ${error.hint}\n`)
      return error.code === 'USAGE' || error.code === 'NOT_YET' ? BAD_USAGE : FAILED
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
