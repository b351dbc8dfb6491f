import { BlockList, isIP } from 'node:net'
import { RingfenceError } from '../../engine/errors/index.ts'

/** Does an address lie in one of the blocks? Answers are remembered: a tap sees few addresses many times. */
export type AddressTest = (address: string) => boolean

const REMEMBERED = 65_536

/**
 * Compiles addresses and CIDR blocks, IPv4 and IPv6.
 * @param where names the option for the error
 * @throws RingfenceError CONFIG_INVALID for what is neither
 */
export function addressTest(blocks: readonly string[], where: string): AddressTest {
  const list = new BlockList()
  for (const block of blocks) addBlock(list, block, where)
  const known = new Map<string, boolean>()
  return address => {
    const answer = known.get(address)
    if (answer !== undefined) return answer
    const family = isIP(address)
    const found = family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6')
    // A flood of spoofed sources must not grow it: it starts again.
    if (known.size >= REMEMBERED) known.clear()
    known.set(address, found)
    return found
  }
}

function addBlock(list: BlockList, block: string, where: string): void {
  const slash = block.indexOf('/')
  const address = slash === -1 ? block : block.slice(0, slash)
  const family = isIP(address)
  const bits = slash === -1 ? (family === 4 ? 32 : 128) : Number(block.slice(slash + 1))
  if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) {
    throw new RingfenceError('CONFIG_INVALID', `${where}: "${block}" is not an address or CIDR block`, {
      hint: 'such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32',
    })
  }
  if (slash === -1) list.addAddress(address, family === 4 ? 'ipv4' : 'ipv6')
  else list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6')
}
