import { isIP } from 'node:net'

/** Digits of a number that its range leaves out: 10,000 numbers look alike. */
const HIDDEN_DIGITS = 4

/**
 * Where a party belongs without saying who it is: the number range (`+3312345xxxx`), the domain of an address, the network
 * of a scanner (`ip:198.51.100.0/24`), `name` for a sender's name and other opaque ids.
 */
export function rangeOf(party: string): string {
  if (party.startsWith('ip:')) return `ip:${networkOf(party.slice(3))}`
  if (/^\+[0-9]+$/.test(party)) {
    const shown = Math.max(3, party.length - HIDDEN_DIGITS)
    return party.slice(0, shown) + 'x'.repeat(party.length - shown)
  }
  const at = party.lastIndexOf('@')
  if (at !== -1) return `@${party.slice(at + 1)}`
  return party === 'anonymous' ? party : 'name'
}

/** Network of an address: /24 of IPv4, /48 of IPv6; empty when it is neither. A port is left out. */
export function networkOf(address: string): string {
  const host = /^\[?([0-9a-fA-F:.]+?)\]?(?::[0-9]{1,5})?$/.exec(address)?.[1] ?? ''
  const plain = isIP(address) === 0 ? host : address
  switch (isIP(plain)) {
    case 4:
      return `${plain.split('.').slice(0, 3).join('.')}.0/24`
    case 6:
      return `${firstGroups(plain)}::/48`
    default:
      return ''
  }
}

/** The first three groups of an IPv6 address, written as RFC 5952 §4.1 wants them: no leading zeros. */
function firstGroups(address: string): string {
  const [head = '', tail] = address.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined ? front : [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back]
  return groups
    .slice(0, 3)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')
}
