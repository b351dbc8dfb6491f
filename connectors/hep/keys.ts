import { timingSafeEqual } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import { RingfenceError } from '../../engine/errors/index.ts'

/** Which authentication key (chunk 0x0e) a source must send. */
export interface HepKey {
  /** An address, a network in CIDR form, or `*`. */
  readonly source: string
  readonly key: string
}

/**
 * Says whether the key at `bytes[start, end)` is the one expected of a source. The first entry that covers the source
 * counts; with entries configured a source that none covers is refused.
 */
export type KeyCheck = (source: string, bytes: Uint8Array, start: number, end: number) => boolean

/** Sources whose entry is remembered; forged addresses must not fill memory. */
const MAX_REMEMBERED = 4096

/**
 * Checks keys without telling by its time where they differ.
 * @returns undefined when no key is configured: nothing to check
 * @throws RingfenceError CONFIG_INVALID for a source that is no address, network or `*`
 */
export function createKeyCheck(keys: readonly HepKey[]): KeyCheck | undefined {
  if (keys.length === 0) return undefined
  const entries = keys.map(({ source, key }) => {
    const expected = Buffer.from(key)
    return { covers: coverOf(source), expected, received: Buffer.alloc(expected.length) }
  })
  type Entry = (typeof entries)[number]
  const remembered = new Map<string, Entry | undefined>()

  const entryOf = (source: string): Entry | undefined => {
    if (remembered.has(source)) return remembered.get(source)
    const entry = entries.find(({ covers }) => covers(source))
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(source, entry)
    return entry
  }

  return (source, bytes, start, end) => {
    const entry = entryOf(source)
    if (entry === undefined) return false
    const { expected, received } = entry
    received.fill(0)
    const length = Math.min(end - start, expected.length)
    for (let i = 0; i < length; i++) received[i] = bytes[start + i]!
    const same = timingSafeEqual(received, expected)
    return same && end - start === expected.length
  }
}

function coverOf(source: string): (address: string) => boolean {
  if (source === '*') return () => true
  const [network = '', prefix] = source.split('/')
  const version = isIP(network)
  const bits = prefix === undefined ? (version === 4 ? 32 : 128) : Number(prefix)
  const validBits = Number.isInteger(bits) && bits >= 0 && bits <= (version === 4 ? 32 : 128)
  if (version === 0 || !validBits) {
    throw new RingfenceError('CONFIG_INVALID', `keys.source: "${source}" is no address, network or *`, {
      hint: 'valid: 192.0.2.7, 192.0.2.0/24, 2001:db8::/32, *',
    })
  }
  const list = new BlockList()
  const family = version === 4 ? 'ipv4' : 'ipv6'
  list.addSubnet(network, bits, family)
  return address => {
    const plain = address.startsWith('::ffff:') ? address.slice(7) : address
    const kind = isIP(plain)
    return kind !== 0 && list.check(plain, kind === 4 ? 'ipv4' : 'ipv6')
  }
}
