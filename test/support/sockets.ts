import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A UDP port of `address` that was free a moment ago. */
export async function freeUdpPort(address = '127.0.0.1'): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, address, resolve)
  })
  const { port } = socket.address()
  await new Promise<void>(resolve => socket.close(() => resolve()))
  return port
}

/** A TCP port of `address` that was free a moment ago. */
export async function freeTcpPort(address = '127.0.0.1'): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  const bound = server.address()
  await new Promise<void>(resolve => server.close(() => resolve()))
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  return bound.port
}

/** Datagrams that the kernel dropped because the socket on this UDP port was not read in time (Linux). */
export function udpDrops(port: number): number {
  const wanted = `:${port.toString(16).padStart(4, '0').toUpperCase()}`
  const lines = readFileSync('/proc/net/udp', 'latin1')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
  return lines.filter(fields => fields[1]?.endsWith(wanted)).reduce((sum, fields) => sum + Number(fields.at(-1)), 0)
}

/** Is an IPv4 UDP socket bound to this address and port in our network namespace (Linux)? */
export function isUdpBound(address: string, port: number): boolean {
  // /proc/net/udp writes the address as a little-endian word and the port big-endian, both in hexadecimal.
  const word = address
    .split('.')
    .reverse()
    .map(octet => Number(octet).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()
  const wanted = `${word}:${port.toString(16).padStart(4, '0').toUpperCase()}`
  return readFileSync('/proc/net/udp', 'latin1')
    .split('\n')
    .some(line => line.trimStart().split(/\s+/)[1] === wanted)
}

/**
 * Polls until `condition` holds.
 * @throws Error naming `what` when it does not within `timeoutMs`, or when `failed` gives a reason meanwhile.
 */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  {
    timeoutMs = 20_000,
    everyMs = 20,
    failed,
  }: { timeoutMs?: number; everyMs?: number; failed?: () => string | undefined } = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    if (await condition()) return
    const reason = failed?.()
    if (reason !== undefined) throw new Error(`${what}: ${reason}`)
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s`)
    await delay(everyMs)
  }
}
