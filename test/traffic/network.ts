import { spawnSync } from 'node:child_process'
import { requirePeer } from '../support/peers.ts'
import type { Entry } from './plan.ts'

/** The addresses of the recording: a small operator's core, its interconnects (RFC 5737), and a stranger. */
export const network = {
  edge: '10.20.0.10:5060',
  collector: '10.20.0.20:9060',
  callees: '10.20.5.10:5060',
  inboxes: '10.20.5.11:5060',
  phones: '10.20.1.12:5060',
  scanner: '203.0.113.66:5071',
  /** Where calls and messages of each entry come from. */
  entries: {
    access: { calls: '10.20.1.10:5060', messages: '10.20.1.11:5060' },
    robocaller: { calls: '198.51.100.20:5060', messages: '198.51.100.20:5062' },
    'sequential-dialler': { calls: '198.51.100.37:5060', messages: '198.51.100.37:5062' },
    wangiri: { calls: '203.0.113.40:5060', messages: '203.0.113.40:5062' },
    'message-blast': { calls: '198.51.100.81:5060', messages: '198.51.100.81:5062' },
  } satisfies Record<Entry, { calls: string; messages: string }>,
  /** Sources that may place calls: the operator's own and its interconnects. */
  trusted: '^(10\\.20\\.|198\\.51\\.100\\.|203\\.0\\.113\\.40$)',
} as const

export const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':'))

/**
 * Gives our network namespace's loopback all the addresses of the recording.
 * @throws Error with what ip(8) said.
 */
export function addAddresses(): void {
  const entries = Object.values(network.entries).flatMap(entry => [entry.calls, entry.messages])
  const { edge, collector, callees, inboxes, phones, scanner } = network
  const hosts = new Set([edge, collector, callees, inboxes, phones, scanner, ...entries].map(hostOf))
  ip('link', 'set', 'lo', 'up')
  for (const host of hosts) ip('address', 'add', `${host}/32`, 'dev', 'lo')
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync(requirePeer('ip'), args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`)
}
