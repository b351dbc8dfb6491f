import { openEmbeddedLog } from '../../../engine/log/index.ts'

/**
 * A process to be killed: appends numbered records to the log in argv[2], some calls at a time, and writes to standard
 * output the number of each call that was acknowledged. With `--commit` every call moves a position too.
 */
const [, , directory, value = '200'] = process.argv
const log = await openEmbeddedLog({ directory: directory!, partitions: 2 })
const filler = 'x'.repeat(Number(value))
let next = (await log.bounds({ topic: 'ringfence.activity', partition: 0 })).next
process.stdout.write('ready\n')

async function one(): Promise<void> {
  for (;;) {
    const call = next++
    try {
      await log.append(
        [
          {
            topic: 'ringfence.activity',
            key: 'k',
            value: Buffer.from(`${call} ${filler}`),
            timeMs: call,
            partition: 0,
          },
          {
            topic: 'ringfence.reputation',
            key: `p${call % 10}`,
            value: Buffer.from(`${call}`),
            timeMs: call,
            partition: 1,
          },
        ],
        [{ group: 'g', topic: 'ringfence.activity', partition: 0, nextOffset: call + 1 }],
      )
      process.stdout.write(`${call}\n`)
    } catch (error) {
      process.stdout.write(`failed ${(error as { code?: string }).code}\n`)
      await new Promise(resolve => setTimeout(resolve, 20))
      next = (await log.bounds({ topic: 'ringfence.activity', partition: 0 })).next
    }
  }
}

await Promise.all(process.argv.includes('--one') ? [one()] : [one(), one(), one()])
