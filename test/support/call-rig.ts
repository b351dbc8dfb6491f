import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { injectCalls, injectMessages, type Placer } from '../traffic/injection.ts'
import type { PlannedCall, PlannedMessage } from '../traffic/plan.ts'
import { type RunningKamailio, startKamailio, trafficFolder } from './kamailio.ts'
import { type RunningSipp, type SippCounts, startSipp } from './sipp.ts'
import { freeUdpPort } from './sockets.ts'

const HOST = '127.0.0.1'

/** What SIPp's callers counted themselves, by the counters of callers.xml and load-callers.xml. */
export interface CallCounts {
  readonly attempts: number
  readonly answers: number
  readonly ends: number
  readonly failures: number
}

/** Kamailio on loopback with siptrace towards a collector, and SIPp on both sides of it. */
export interface CallRig {
  readonly kamailio: RunningKamailio
  readonly folder: string
  /** Port that calls are placed to: Kamailio's. */
  readonly edgePort: number
  /** Port that calls are delivered to. */
  readonly calleesPort: number
  /**
   * Places the calls, each at its time, and waits for the last to be over.
   * @throws Error with SIPp's complaints when a call did not go as planned.
   */
  readonly place: (name: string, calls: readonly PlannedCall[]) => Promise<CallCounts>
  /**
   * Sends the messages, each at its time, and waits for the last answer.
   * @throws Error with SIPp's complaints when one went otherwise.
   */
  readonly send: (name: string, messages: readonly PlannedMessage[]) => Promise<number>
  readonly close: () => Promise<void>
}

export interface CallRigOptions {
  /** Port on loopback that siptrace sends HEP to. */
  readonly collectorPort: number
  readonly accessSideOnly?: boolean
  /** Port that Kamailio delivers calls to, where something stands before the callees. */
  readonly deliveryPort?: number
  readonly calleesPort?: number
}

export async function openCallRig(options: CallRigOptions): Promise<CallRig> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-calls-'))
  const [edgePort, inboxes] = [await freeUdpPort(), await freeUdpPort()]
  const calleesPort = options.calleesPort ?? (await freeUdpPort())
  const kamailio = await startKamailio({
    edge: `${HOST}:${edgePort}`,
    collector: `${HOST}:${options.collectorPort}`,
    callees: `${HOST}:${options.deliveryPort ?? calleesPort}`,
    inboxes: `${HOST}:${inboxes}`,
    accessSideOnly: options.accessSideOnly ?? false,
  })
  return {
    kamailio,
    folder,
    edgePort,
    calleesPort,
    async place(name, calls) {
      const injection = await injectionOf(folder, name)
      const answering = ['-inf', 'answers.csv', '-infindex', 'answers.csv', '0']
      const callees = { name: `${name}-callees`, scenario: 'callees.xml', port: calleesPort, args: answering }
      return countsOf(await play(folder, edgePort, callees, injectCalls(injection, calls)))
    },
    async send(name, messages) {
      const injection = await injectionOf(folder, name)
      const inbox = { name: `${name}-inboxes`, scenario: 'inboxes.xml', port: inboxes, args: [] }
      return (await play(folder, edgePort, inbox, injectMessages(injection, messages))).successful
    },
    async close() {
      await kamailio.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function injectionOf(folder: string, name: string) {
  const local = `${HOST}:${await freeUdpPort()}`
  return {
    folder,
    speed: 1,
    addressOf: () => ({ calls: local, messages: local }),
    callIdsOf: () => `%u-${name}@${local}`,
  }
}

interface Answerer {
  readonly name: string
  readonly scenario: string
  readonly port: number
  readonly args: readonly string[]
}

/** Starts the answering side, then the placing side towards Kamailio, and waits for the latter to end. */
async function play(
  folder: string,
  edgePort: number,
  answerer: Answerer,
  [placer]: readonly Placer[],
): Promise<SippCounts> {
  if (placer === undefined) throw new Error('nothing to place')
  const answering = await startSipp({
    name: answerer.name,
    folder,
    scenario: join(trafficFolder, answerer.scenario),
    local: `${HOST}:${answerer.port}`,
    args: answerer.args,
  })
  try {
    const scenario = join(trafficFolder, placer.scenario)
    const remote = `${HOST}:${edgePort}`
    const placing = await startSipp({
      name: `${answerer.name}-peers`,
      folder,
      scenario,
      local: placer.local,
      remote,
      args: placer.args,
    })
    await placing.ended
    const counts = placing.counts()
    if (counts.failed > 0) throw new Error(`${counts.failed} went otherwise:\n${placing.errors().slice(0, 4000)}`)
    return counts
  } finally {
    await answering.stop()
  }
}

export interface LoadOptions {
  readonly calls: number
  readonly callsPerSecond: number
  /** Port that callers send to: Kamailio's, or that of a relay before it. */
  readonly toPort: number
}

/** SIPp calling through the rig at a rate, by scenarios that bear loss and duplication. */
export async function placeLoad(rig: CallRig, scenarios: string, load: LoadOptions): Promise<CallCounts> {
  const pad = (value: number) => String(value % 100_000).padStart(5, '0')
  const lines = Array.from(
    { length: load.calls },
    (_, index) => `${pad(20_000 + (index % 4_000))};${pad(index * 7 + 10_001)}`,
  )
  writeFileSync(join(rig.folder, 'load.csv'), `SEQUENTIAL\n${lines.join('\n')}\n`)
  const callees = await startSipp({
    name: 'load-callees',
    folder: rig.folder,
    scenario: join(scenarios, 'load-callees.xml'),
    local: `${HOST}:${rig.calleesPort}`,
    args: ['-default_behaviors', 'none'],
  })
  let callers: RunningSipp | undefined
  try {
    callers = await startSipp({
      name: 'load-callers',
      folder: rig.folder,
      scenario: join(scenarios, 'load-callers.xml'),
      local: `${HOST}:${await freeUdpPort()}`,
      remote: `${HOST}:${load.toPort}`,
      args: [
        ...['-inf', 'load.csv', '-m', String(load.calls), '-r', String(load.callsPerSecond), '-l', String(load.calls)],
        // What comes late, twice or out of order is passed over instead of ending the call.
        ...['-default_behaviors', 'none'],
        // A call that lost everything must not keep SIPp for ever.
        ...['-timeout', `${Math.ceil(load.calls / load.callsPerSecond) + 60}s`],
      ],
    })
    await callers.ended
    return countsOf(callers.counts())
  } finally {
    await callers?.stop()
    await callees.stop()
  }
}

function countsOf({ columns }: SippCounts): CallCounts {
  const counter = (name: string) => Number(columns[`${name}(C)`] ?? Number.NaN)
  return {
    attempts: counter('attempts'),
    answers: counter('answers'),
    ends: counter('ends'),
    failures: counter('failures'),
  }
}
