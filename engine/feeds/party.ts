import { isIP } from 'node:net'

export type PartyKind = 'number' | 'ip' | 'address'

/** What a party is, for the form it is published in: E.164, `ip:` of a scanner, or anything else (an address, a short code). */
export function kindOf(party: string): PartyKind {
  if (/^\+\d{1,15}$/.test(party)) return 'number'
  return party.startsWith('ip:') && isIP(party.slice(3)) !== 0 ? 'ip' : 'address'
}
