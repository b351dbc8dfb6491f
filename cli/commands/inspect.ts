import { Command } from 'commander'
import { inspectRecording } from '../../connectors/inspect/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { readConfig } from '../config.ts'
import { openLines } from '../lines.ts'

export function inspectCommand(): Command {
  return new Command('inspect')
    .argument('<file...>', 'pcap, pcapng, raw SIP, call and message records: recognised by content')
    .option('--config <file>', 'configuration (identity)')
    .addHelpText('after', "\nExample:\n  ringfence inspect trace.pcap | jq -r '.method // .status' | sort | uniq -c")
    .action(async (files: readonly string[], options: { config?: string }) => {
      const identity = createIdentity(readConfig(options.config).identity)
      const lines = openLines('-')
      for (const file of files) {
        await inspectRecording(file, line => lines.write(line), {
          identity,
          progress: () => {},
          dropped: (reason, place) =>
            process.stderr.write(`${file}: ${place}: ${reason}
`),
        })
      }
      lines.end()
    })
}
