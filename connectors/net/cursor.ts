import type { Envelope } from '../signal.ts'

/** Why a captured packet gave no transport payload: the closed list behind a capture tap's `dropped` metric. */
export const netDropReasons = [
  'unknown-link-type',
  'not-ip',
  'short-frame',
  'bad-ip',
  'bad-tunnel',
  'bad-transport',
  'too-many-layers',
  'fragment-overlap',
  'fragment-expired',
  'fragment-overflow',
  'other-transport',
] as const

export type NetDropReason = (typeof netDropReasons)[number]

/** The next layer to read; STOP ends the walk over a packet. */
export const STOP = 0
export const ETHERNET = 1
export const ETHERTYPE = 2
export const IP = 3
export const IPV4 = 4
export const IPV6 = 5
export const IP_PAYLOAD = 6
export const MPLS = 7
export const PPP = 8
export const PPPOE = 9
export const LINUX_COOKED = 10
export const LINUX_COOKED_2 = 11
export const BSD_LOOPBACK = 12

/** Where a walk over one packet stands. One object, reused for every packet. */
export interface Cursor {
  bytes: Uint8Array
  /** Next byte to read. */
  at: number
  /** End of what the layers so far say is theirs, never beyond the captured bytes. */
  end: number
  /** What an ETHERTYPE or IP_PAYLOAD step is to read: an EtherType or an IP protocol number. */
  type: number
  reason: NetDropReason | undefined
  /** Filled by the innermost IP header and the transport header. */
  readonly envelope: Envelope
}

/** Ends the walk with a reason. */
export function drop(cursor: Cursor, reason: NetDropReason): number {
  cursor.reason = reason
  return STOP
}

/** Are `count` bytes there to be read? */
export function has(cursor: Cursor, count: number): boolean {
  return cursor.end - cursor.at >= count
}

/** Big-endian 16 bits. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

/** Big-endian 32 bits, unsigned. */
export function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
