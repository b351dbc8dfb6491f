import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Real programs that tests talk to: what Debian package brings each, and how to ask its version. */
const known = {
  kamailio: {
    package: 'kamailio kamailio-extra-modules kamailio-websocket-modules kamailio-utils-modules kamailio-json-modules',
    version: ['-v'],
  },
  sipp: { package: 'sip-tester', version: ['-v'] },
  tshark: { package: 'tshark', version: ['-v'] },
  tcpdump: { package: 'tcpdump', version: ['--version'] },
  prometheus: { package: 'prometheus', version: ['--version'] },
  promtool: { package: 'prometheus', version: ['--version'] },
  chromium: { package: 'chromium', version: ['--version'] },
  prosody: { package: 'prosody', version: ['--version'] },
  prosodyctl: { package: 'prosody', version: ['about'] },
  rspamd: { package: 'rspamd', version: ['--version'] },
  java: { package: 'openjdk-17-jre-headless', version: ['-version'] },
  mvn: { package: 'maven', version: ['-v'] },
  unshare: { package: 'util-linux', version: ['--version'] },
  ip: { package: 'iproute2', version: ['-V'] },
} as const satisfies Record<string, { package: string; version: readonly string[] }>

export type PeerName = keyof typeof known

/** All Debian packages that bring the peers: .ci/run installs them. */
export const peerPackages: readonly string[] = [
  ...new Set(Object.values(known).flatMap(peer => peer.package.split(' '))),
]

// SIPp and Kamailio may live where an unprivileged user's PATH does not look.
const extraFolders = ['/usr/sbin', '/sbin', '/usr/local/sbin']

/** Where a peer's program is, or undefined when it is not installed. */
export function findPeer(name: PeerName): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...extraFolders]
  for (const folder of folders) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not in this folder.
    }
  }
  return undefined
}

/**
 * Where a peer's program is.
 * @throws Error with the package to install when it is not there: for scripts; tests ask `needs` first.
 */
export function requirePeer(name: PeerName): string {
  const path = findPeer(name)
  if (path === undefined) throw new Error(`needs ${name}: apt-get install ${known[name].package}`)
  return path
}

/** First line of what a peer says of its version that holds a digit, or 'not installed'. */
export function versionOf(name: PeerName): string {
  const path = findPeer(name)
  if (path === undefined) return 'not installed'
  const { stdout, stderr } = spawnSync(path, known[name].version, { encoding: 'utf8' })
  const lines = `${stdout}\n${stderr}`.split('\n').map(line => line.trim())
  return lines.find(line => /\d/.test(line) && !line.startsWith('Running as')) ?? 'unknown'
}

/**
 * The `skip` option of a test that talks to real programs: false when all are there, else the reason in the form
 * `needs kamailio: apt-get install kamailio …`. With CI=true the runner counts a skip as a failure.
 */
export function needs(...names: readonly PeerName[]): false | string {
  const missing = names.filter(name => findPeer(name) === undefined)
  if (missing.length === 0) return false
  const packages = [...new Set(missing.map(name => known[name].package))]
  return `needs ${missing.join(', ')}: apt-get install ${packages.join(' ')}`
}
