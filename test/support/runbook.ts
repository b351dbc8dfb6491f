import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kafkaJars } from './kafka-jars.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const runbookText = readFileSync(join(root, 'docs', 'runbook.md'), 'utf8')

/** The text under a heading, up to the next one. */
function sectionOf(heading: string): string {
  const sections = runbookText.split(/^##+ /m)
  const found = sections.find(section => section.startsWith(`${heading}\n`))
  assert.ok(found !== undefined, `docs/runbook.md has no heading ${heading}`)
  return found
}

/** Commands of the whole runbook that run this program, without remarks: lines of its blocks, and code in its lines. */
export function commandsOf(program: string): string[] {
  const code = [...runbookText.matchAll(/```sh\n(.*?)```|`([^`]+)`/gs)]
  return code
    .flatMap(([, block, inline]) => (block === undefined ? [inline!.replaceAll('\n', ' ')] : block.trim().split('\n')))
    .map(line => line.replace(/\s+#.*$/, ''))
    .filter(line => line.startsWith(`${program} `))
}

/** The command that a heading of the runbook says, by how it begins: code in a line, or a line of a block less its remark. */
function commandIn(heading: string, beginning: string): string {
  const section = sectionOf(heading)
  const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block]) => block!.trim().split('\n'))
  const inline = [...section.replaceAll(/```.*?```/gs, '').matchAll(/`([^`]+)`/g)].map(([, code]) => code!)
  const found = [...blocks.map(line => line.replace(/\s+#.*$/, '')), ...inline].find(code => code.startsWith(beginning))
  assert.ok(found !== undefined, `${heading} says no command that begins with ${beginning}`)
  return found.replaceAll('\n', ' ')
}

/** A shell in which the runbook's commands mean the processes of a test. */
export interface Operator {
  /**
   * Runs a command of a heading as it is written there, with what it leaves open filled in: FILE, PARTY, a port.
   * @throws Error with what it printed when it fails
   */
  does(heading: string, beginning: string, filledIn?: Readonly<Record<string, string>>): Promise<string>
  close(): void
}

/**
 * `ringfence` is this tree's; `kubectl exec POD -- COMMAND` runs the command here, as there is no cluster; Kafka's own
 * programs run from its published jars.
 */
export async function operatorsShell(): Promise<Operator> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-operator-'))
  const jars = await kafkaJars()
  const program = (name: string, text: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  program('ringfence', `exec node '${join(root, 'dist', 'cli', 'main.js')}' "$@"`)
  program('kubectl', `while [ "$1" != -- ]; do shift || exit 64; done\nshift\ncd '${root}' && exec "$@"`)
  if ('classPath' in jars)
    program(
      'kafka-console-consumer',
      `exec java -cp '${jars.classPath}' org.apache.kafka.tools.consumer.ConsoleConsumer "$@"`,
    )
  return {
    does(heading, beginning, filledIn = {}) {
      let command = commandIn(heading, beginning)
      for (const [open, value] of Object.entries(filledIn)) {
        assert.ok(command.includes(open), `${heading}: ${open} is not in ${command}`)
        command = command.replaceAll(open, value)
      }
      const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
      return new Promise((resolve, reject) => {
        execFile('sh', ['-c', command], { env, encoding: 'utf8', timeout: 60_000 }, (error, stdout, stderr) =>
          error === null ? resolve(stdout) : reject(new Error(`${heading}: ${command}\n${stdout}\n${stderr}`)),
        )
      })
    },
    close() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
