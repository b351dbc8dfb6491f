import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The class path of a real Apache Kafka, or why there is none on this machine. */
export type KafkaJars = { readonly classPath: string } | { readonly missing: string }

/**
 * Fetches Kafka's published jars once, by Maven, into ~/.cache/ringfence/kafka (or KAFKA_JARS names a folder that has
 * them, the libs/ of an unpacked Kafka for example).
 */
export async function kafkaJars(): Promise<KafkaJars> {
  const given = process.env.KAFKA_JARS
  if (given !== undefined) return { classPath: join(given, '*') }
  const java = await run('java', ['-version']).catch(() => undefined)
  if (java === undefined) return { missing: 'needs Java 17: apt-get install openjdk-17-jre-headless' }
  // The compiled test stands in dist/test/support; the pom among the sources.
  const pom = fileURLToPath(new URL('../../../test/system/kafka/pom.xml', import.meta.url))
  const version = /<kafka\.version>(.+?)</.exec(readFileSync(pom, 'utf8'))?.[1] ?? 'unknown'
  const cache = join(homedir(), '.cache', 'ringfence', 'kafka')
  const target = join(cache, version)
  const there = existsSync(target) ? readdirSync(target) : []
  if (!['kafka_', `kafka-tools-${version}`].every(jar => there.some(name => name.startsWith(jar)))) {
    const partial = join(cache, `${version}.${process.pid}`)
    mkdirSync(partial, { recursive: true })
    try {
      await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`], {
        timeout: 300_000,
      })
      rmSync(target, { recursive: true, force: true })
      renameSync(partial, target)
    } catch (error) {
      rmSync(partial, { recursive: true, force: true })
      const reason =
        (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'apt-get install maven' : 'Maven could not fetch'
      return { missing: `needs Kafka jars: ${reason}` }
    }
  }
  return { classPath: join(target, '*') }
}
