import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaJars } from './kafka-jars.ts'
import { urgently } from './processes.ts'
import { type Relay, startRelay } from './relay.ts'

const run = promisify(execFile)

export interface KafkaOptions {
  /** Number of brokers, each a controller too; default 1. */
  readonly brokers?: number
  /** More lines of server.properties, the same for every broker. */
  readonly properties?: Readonly<Record<string, string>>
  /** Security of the client listener; default PLAINTEXT. */
  readonly protocol?: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  /** Users for SCRAM, made when the storage is formatted. */
  readonly scram?: Readonly<Record<string, string>>
  /** Where broker i (0-based) keeps its log; default a folder that goes away with the cluster. */
  readonly logDirectory?: (broker: number) => string
  /** Clients reach each broker through a relay, which can be cut. */
  readonly relayed?: boolean
  /** Rack of broker i (0-based). */
  readonly rack?: (broker: number) => string
  /** Java's options as Kafka's own kafka-server-start.sh has them, to measure; default is to start quickly. */
  readonly asShipped?: boolean
  /** More Java options, the size of the heap for example. */
  readonly java?: readonly string[]
  /** Brokers go before the other work of a busy machine. */
  readonly urgent?: boolean
}

/** A real Apache Kafka on loopback. */
export interface KafkaCluster {
  /** `host:port` of each broker. */
  readonly brokers: readonly string[]
  /** The same past the relays. */
  readonly direct: readonly string[]
  /** Process of broker i; undefined while it is down. */
  pid(broker: number): number | undefined
  /** SIGKILL, and waits until it is gone. */
  kill(broker: number): Promise<void>
  /** Starts a killed broker again, and waits until it listens. */
  start(broker: number): Promise<void>
  /** Stops all, removes their storage. */
  close(): Promise<void>
  /** The last lines that a broker printed. */
  output(broker: number): string
  /** With `relayed`: the relay before each broker. */
  readonly relays: readonly Relay[]
  /** Runs one of Kafka's own command-line programs against the cluster; throws what it printed when it fails. */
  tool(main: string, ...args: readonly string[]): Promise<string>
}

interface Node {
  readonly directory: string
  readonly port: number
  process: ChildProcess | undefined
}

/** Starts brokers in KRaft mode on ephemeral ports. Throws when the jars are missing (ask `kafkaJars` first). */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  const jars = await kafkaJars()
  if ('missing' in jars) throw new Error(jars.missing)
  const count = options.brokers ?? 1
  const root = mkdtempSync(join(tmpdir(), 'ringfence-kafka-'))
  const ports = await freePorts(count * 3)
  const voters = Array.from({ length: count }, (_, i) => `${i + 1}@127.0.0.1:${ports[count + i]}`).join(',')
  const clusterId = 'cmluZ2ZlbmNlLXRlc3RzMQ'
  const relays = options.relayed === true ? await Promise.all(ports.slice(0, count).map(startRelay)) : []
  const nodes: Node[] = []
  for (let i = 0; i < count; i++) {
    const directory = join(root, `broker-${i + 1}`)
    mkdirSync(directory)
    const properties = propertiesOf(
      options,
      i,
      count,
      directory,
      [ports[i]!, ports[count + i]!, ports[2 * count + i]!],
      relays[i]?.port ?? ports[i]!,
      voters,
    )
    writeFileSync(join(directory, 'server.properties'), lines(properties))
    nodes.push({ directory, port: ports[i]!, process: undefined })
  }
  const scram = Object.entries(options.scram ?? {}).flatMap(([user, password]) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${user},password=${password}]`,
  ])
  await Promise.all(
    nodes.map(({ directory }) =>
      run('java', [
        ...quick,
        '-cp',
        jars.classPath,
        'kafka.tools.StorageTool',
        'format',
        '-t',
        clusterId,
        '-c',
        join(directory, 'server.properties'),
        ...scram,
      ]),
    ),
  )

  async function start(broker: number): Promise<void> {
    const node = nodes[broker]!
    const properties = join(node.directory, 'server.properties')
    const java = [...(options.asShipped === true ? shipped : [...quick, '-Xmx640m']), ...(options.java ?? [])]
    const args = [...java, '-cp', jarsPath, 'kafka.Kafka', properties]
    const [command, words] = options.urgent === true ? urgently('java', args) : ['java', args]
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    const out = createWriteStream(join(node.directory, 'output.txt'), { flags: 'a' })
    child.stdout.pipe(out, { end: false })
    child.stderr.pipe(out, { end: false })
    child.once('exit', () => {
      if (node.process === child) node.process = undefined
      out.end()
    })
    node.process = child
    await listening(node)
  }

  async function kill(broker: number): Promise<void> {
    const child = nodes[broker]!.process
    if (child === undefined) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  const output = (broker: number) => {
    try {
      return readFileSync(join(nodes[broker]!.directory, 'output.txt'), 'utf8').split('\n').slice(-20).join('\n')
    } catch {
      return ''
    }
  }
  const jarsPath = jars.classPath
  const cluster: KafkaCluster = {
    brokers: nodes.map(({ port }, i) => `127.0.0.1:${relays[i]?.port ?? port}`),
    direct: nodes.map((_, i) => `127.0.0.1:${ports[2 * count + i]}`),
    relays,
    async tool(main, ...args) {
      const bootstrap = ['--bootstrap-server', `127.0.0.1:${nodes[0]!.port}`]
      const { stdout } = await run('java', [...quick, '-cp', jarsPath, main, ...bootstrap, ...args], {
        timeout: 60_000,
      })
      return stdout
    },
    pid: broker => nodes[broker]!.process?.pid,
    kill,
    start,
    output,
    async close() {
      await Promise.all(nodes.map((_, broker) => kill(broker)))
      await Promise.all(relays.map(relay => relay.close()))
      rmSync(root, { recursive: true, force: true })
    },
  }
  try {
    await Promise.all(nodes.map((_, broker) => start(broker)))
  } catch (error) {
    const printed = nodes.map((_, broker) => output(broker)).join('\n')
    await cluster.close()
    throw new Error(`Kafka did not start: ${(error as Error).message}\n${printed}`)
  }
  return cluster
}

/** Start quickly rather than run fast: tests are short. */
const quick = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto']

/** kafka-server-start.sh and kafka-run-class.sh of Kafka 4.1. */
const shipped = [
  '-Xmx1G',
  '-Xms1G',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
]

function propertiesOf(
  options: KafkaOptions,
  broker: number,
  count: number,
  directory: string,
  [port, controllerPort, internalPort]: readonly [number, number, number],
  advertisedPort: number,
  voters: string,
): Record<string, string> {
  const replicas = String(Math.min(count, 3))
  return {
    'process.roles': 'broker,controller',
    'node.id': String(broker + 1),
    'controller.quorum.voters': voters,
    listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort},INTERNAL://127.0.0.1:${internalPort}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${advertisedPort},INTERNAL://127.0.0.1:${internalPort}`,
    'listener.security.protocol.map': `CLIENT:${options.protocol ?? 'PLAINTEXT'},CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'log.dirs': options.logDirectory?.(broker) ?? join(directory, 'log'),
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': count > 1 ? '2' : '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'auto.create.topics.enable': 'false',
    'num.network.threads': '2',
    'num.io.threads': '4',
    'log.cleaner.dedupe.buffer.size': '16777216',
    ...(options.rack === undefined ? {} : { 'broker.rack': options.rack(broker) }),
    ...options.properties,
  }
}

const lines = (properties: Readonly<Record<string, string>>) =>
  Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')

/** Ports that were free a moment ago: a broker must know its own before it starts. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map(server => (server.address() as { port: number }).port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

/** Waits until the broker's listener takes connections; it opens when the broker is ready to serve. */
async function listening(node: Node): Promise<void> {
  const child = node.process!
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the broker ended')
    if (await connects(node.port)) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error('the broker did not listen within 60 s')
}

function connects(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
