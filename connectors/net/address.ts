/** Text of network addresses, made once and found again: packets come from few peers, and a string a packet is garbage. */
export interface AddressTexts {
  /** Dotted form of the IPv4 address at `bytes[at, at + 4)`. */
  v4(bytes: Uint8Array, at: number): string
  /** RFC 5952 form of the IPv6 address at `bytes[at, at + 16)`. */
  v6(bytes: Uint8Array, at: number): string
}

/**
 * A direct-mapped cache: a slot is overwritten by the next address that falls into it, so memory is bounded by the slots
 * whatever addresses an attacker forges. (A Map keyed by the address was tried: 25 ns a look-up against 6 here, and it
 * needs an eviction of its own.)
 * @param slots number of addresses kept of each family, a power of two
 */
export function createAddressTexts(slots = 4096): AddressTexts {
  const mask = slots - 1
  const v4Keys = new Int32Array(slots)
  const v4Texts: string[] = new Array<string>(slots).fill('')
  const v6Keys = new Int32Array(slots * 4)
  const v6Texts: string[] = new Array<string>(slots).fill('')

  return {
    v4(bytes, at) {
      const key = word(bytes, at)
      const slot = (Math.imul(key, 0x9e3779b1) >>> 16) & mask
      if (v4Keys[slot] === key && v4Texts[slot] !== '') return v4Texts[slot]!
      const text = formatV4(bytes, at)
      v4Keys[slot] = key
      v4Texts[slot] = text
      return text
    },
    v6(bytes, at) {
      const a = word(bytes, at)
      const b = word(bytes, at + 4)
      const c = word(bytes, at + 8)
      const d = word(bytes, at + 12)
      const mixed = Math.imul(Math.imul(Math.imul(a, 31) ^ b, 0x85ebca6b) ^ c, 0xc2b2ae35) ^ d
      const slot = (Math.imul(mixed, 0x9e3779b1) >>> 16) & mask
      const k = slot * 4
      const kept = v6Keys[k] === a && v6Keys[k + 1] === b && v6Keys[k + 2] === c && v6Keys[k + 3] === d
      if (kept && v6Texts[slot] !== '') return v6Texts[slot]!
      const text = formatV6(bytes, at)
      v6Keys[k] = a
      v6Keys[k + 1] = b
      v6Keys[k + 2] = c
      v6Keys[k + 3] = d
      v6Texts[slot] = text
      return text
    },
  }
}

/** Dotted decimal of four bytes. */
function formatV4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`
}

/** Canonical text of sixteen bytes: lower case, the longest run of two or more zero groups as `::` (RFC 5952 clause 4). */
export function formatV6(bytes: Uint8Array, at: number): string {
  if (isMappedV4(bytes, at)) return `::ffff:${formatV4(bytes, at + 12)}`
  let bestStart = -1
  let bestLength = 1
  let runStart = -1
  for (let g = 0; g <= 8; g++) {
    const zero = g < 8 && bytes[at + 2 * g] === 0 && bytes[at + 2 * g + 1] === 0
    if (zero) {
      if (runStart < 0) runStart = g
      continue
    }
    if (runStart >= 0 && g - runStart > bestLength) {
      bestStart = runStart
      bestLength = g - runStart
    }
    runStart = -1
  }
  let text = ''
  for (let g = 0; g < 8; g++) {
    if (g === bestStart) {
      text += '::'
      g += bestLength - 1
      continue
    }
    if (text !== '' && !text.endsWith(':')) text += ':'
    text += ((bytes[at + 2 * g]! << 8) | bytes[at + 2 * g + 1]!).toString(16)
  }
  return text
}

function isMappedV4(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
