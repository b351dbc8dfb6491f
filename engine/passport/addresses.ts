import { BlockList, isIP } from 'node:net'
import { RingfenceError } from '../errors/index.ts'

/** IANA special-purpose registry, IPv4: nothing there is a public host. */
const SPECIAL_4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

/** Inside 2000::/3, which alone is global unicast: tunnels that embed an IPv4 address, documentation, ORCHID, benchmarks. */
const SPECIAL_6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

const special = new BlockList()
for (const [net, bits] of SPECIAL_4) special.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of SPECIAL_6) special.addSubnet(net, bits, 'ipv6')
const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')

/** Is it the address of a public host: neither private, loopback, link-local, multicast nor a tunnel to such a one? */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !special.check(address, 'ipv4')
  if (family !== 6 || address.includes('%')) return false
  // IPv4-mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96) and all else outside 2000::/3 is refused with one test.
  return global6.check(address, 'ipv6') && !special.check(address, 'ipv6')
}

/**
 * Blocks as a test of addresses.
 * @throws RingfenceError CONFIG_INVALID naming the block that is none
 */
export function networkTest(blocks: readonly string[], option: string): (address: string) => boolean {
  const list = new BlockList()
  for (const block of blocks) {
    const slash = block.indexOf('/')
    const address = slash === -1 ? block : block.slice(0, slash)
    const family = isIP(address)
    const widest = family === 4 ? 32 : 128
    const bits = slash === -1 ? widest : Number(block.slice(slash + 1))
    if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > widest)
      throw new RingfenceError('CONFIG_INVALID', `${option}: "${block}" is not an address or block`, {
        hint: 'for example 10.20.0.0/16 or 2001:db8::/48',
      })
    list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6')
  }
  return address => {
    const family = isIP(address)
    return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }
}
