import { createSocket } from 'node:dgram'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startKamailio, trafficFolder } from '../support/kamailio.ts'
import { requirePeer, versionOf } from '../support/peers.ts'
import { type Child, startChild } from '../support/processes.ts'
import { type RunningSipp, startSipp } from '../support/sipp.ts'
import { injectCalls, injectMessages, injectProbes, injectRegistrations, type Placer } from './injection.ts'
import { addAddresses, network } from './network.ts'
import type { TrafficPlan } from './plan.ts'
import { planTraffic, SAMPLE_SEED } from './traffic.ts'
import { truthCsv } from './truth.ts'

/**
 * Records the sample traffic: `node dist/test/traffic/record.js [--out test/data] [--speed 1] [--seed 1]`, as root on Linux.
 * SIPp places the planned calls and messages through Kamailio, whose siptrace mirrors them as HEP version 3 to a
 * collector; tcpdump writes those datagrams. Takes ten minutes; `--speed 20` makes a trial of it.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'test/data' },
      speed: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(SAMPLE_SEED) },
    },
  })
  if (process.env.RINGFENCE_RECORDING_NAMESPACE === undefined) return inOwnNamespace()
  addAddresses()
  const out = resolve(values.out)
  mkdirSync(out, { recursive: true })
  const plan = planTraffic(Number(values.seed))
  writeFileSync(join(out, 'sample.truth.csv'), truthCsv(plan.truth))
  return record(plan, Number(values.speed), join(out, 'sample.pcap'))
}

/** The addresses of the recording live in a network namespace of its own, so the machine's network is left alone. */
async function inOwnNamespace(): Promise<number> {
  const self = fileURLToPath(import.meta.url)
  const child = startChild(requirePeer('unshare'), ['--net', process.execPath, self, ...process.argv.slice(2)], {
    env: { ...process.env, RINGFENCE_RECORDING_NAMESPACE: '1' },
  })
  child.process.stdout?.pipe(process.stdout)
  child.process.stderr?.pipe(process.stderr)
  return child.ended
}

async function record(plan: TrafficPlan, speed: number, pcap: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-traffic-'))
  const injection = { folder, speed }
  const placers = [
    ...injectCalls(injection, plan.calls),
    ...injectMessages(injection, plan.messages),
    injectRegistrations(injection, plan.registrations),
    injectProbes(injection, plan.probes),
  ]
  const collector = createSocket('udp4')
  await new Promise<void>(done =>
    collector.bind(Number(network.collector.split(':')[1]), network.collector.split(':')[0], done),
  )
  const capture = await startCapture(pcap)
  const kamailio = await startKamailio({ ...network, accessSideOnly: true })
  const answering = [
    await startSipp({
      name: 'callees',
      folder,
      scenario: join(trafficFolder, 'callees.xml'),
      local: network.callees,
      args: ['-inf', 'answers.csv', '-infindex', 'answers.csv', '0'],
    }),
    await startSipp({ name: 'inboxes', folder, scenario: join(trafficFolder, 'inboxes.xml'), local: network.inboxes }),
  ]
  const placing = await Promise.all(placers.map(placer => startPlacer(placer, folder)))
  await Promise.all(placing.map(sipp => sipp.ended))
  for (const sipp of answering) await sipp.stop()
  await kamailio.stop()
  await capture.stop('SIGINT')
  collector.close()
  const complaints = placing.map(report).filter(failed => failed > 0).length
  const { size } = statSync(pcap)
  process.stdout.write(
    `${pcap}: ${size} bytes\n${(['kamailio', 'sipp', 'tcpdump'] as const).map(versionOf).join('\n')}\n`,
  )
  if (complaints === 0) rmSync(folder, { recursive: true })
  else process.stdout.write(`${kamailio.log()}\nleft for a look: ${folder}\n`)
  return complaints === 0 ? 0 : 1
}

function startPlacer(placer: Placer, folder: string): Promise<RunningSipp> {
  const { name, local, args } = placer
  return startSipp({ name, folder, scenario: join(trafficFolder, placer.scenario), local, remote: network.edge, args })
}

async function startCapture(pcap: string): Promise<Child> {
  const port = network.collector.split(':')[1] ?? ''
  const filter = ['udp', 'dst', 'port', port]
  const child = startChild(requirePeer('tcpdump'), [
    '-i',
    'lo',
    '-n',
    '-s',
    '0',
    '-U',
    '--immediate-mode',
    '-Z',
    'root',
    '-w',
    pcap,
    ...filter,
  ])
  // tcpdump says so once it captures.
  await new Promise<void>((ready, failed) => {
    child.process.stderr?.on('data', () => child.output().stderr.includes('listening on') && ready())
    child.ended.then(() => failed(new Error(`tcpdump: ${child.output().stderr}`)), failed)
  })
  return child
}

function report(sipp: RunningSipp): number {
  const { created, successful, failed, retransmissions } = sipp.counts()
  const complaint = failed > 0 ? `\n${sipp.errors().slice(0, 3000)}` : ''
  process.stdout.write(
    `${sipp.name}: ${created} placed, ${successful} as planned, ${failed} not, ${retransmissions} retransmissions${complaint}\n`,
  )
  return failed
}

process.exitCode = await main()
