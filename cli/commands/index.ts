import type { Command } from 'commander'

/** A command of the command line: what `--help` says of it, and how its options and action are loaded. */
export interface CommandEntry {
  readonly name: string
  readonly description: string
  readonly load: () => Promise<Command>
}

/** All commands, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'run',
    description: 'Runs the service until SIGINT or SIGTERM; both leave a last snapshot behind.',
    load: async () => (await import('./run.ts')).runCommand(),
  },
  {
    name: 'demo',
    description: 'Shows it at work: the whole service, embedded, with recorded SIP traffic sent to its own HEP port.',
    load: async () => (await import('./demo.ts')).demoCommand(),
  },
  {
    name: 'replay',
    description: 'Judges recordings offline, in event time, as fast as it can: the same engine as the live one.',
    load: async () => (await import('./replay.ts')).replayCommand(),
  },
  {
    name: 'inspect',
    description: 'Shows what recordings hold: one JSON line a signal, valid or not and why, on standard output.',
    load: async () => (await import('./inspect.ts')).inspectCommand(),
  },
  {
    name: 'check',
    description:
      'Validates configuration, packs, lists and models: every problem with its file and line, and what would be valid.',
    load: async () => (await import('./check.ts')).checkCommand(),
  },
  {
    name: 'explain',
    description: 'Why a party was stopped, or let through: the engine judges its activity again and shows every rule.',
    load: async () => (await import('./explain.ts')).explainCommand(),
  },
  {
    name: 'train',
    description: 'Trains a model on labelled data; interrupted, it goes on where it was.',
    load: async () => (await import('./train.ts')).trainCommand(),
  },
  {
    name: 'evaluate',
    description: 'Measures a model on labelled data.',
    load: async () => (await import('./evaluate.ts')).evaluateCommand(),
  },
  {
    name: 'report',
    description: 'The Resolution 52 study of spam traffic: volume, types, routes, sources, cost and loss.',
    load: async () => (await import('./report.ts')).reportCommand(),
  },
]
