import type { Identity } from '../identity/index.ts'

/**
 * Party of what a switch writes: a number, or a `sip:`, `sips:` or `tel:` URI (with or without angle brackets). Parameters
 * of the URI are left aside. Never throws; what is neither is kept as it is written.
 */
export function partyOf(identity: Identity, written: string): string {
  const text = unbracketed(written.trim())
  const scheme = schemeOf(text)
  if (scheme === 'tel') return identity.ofNumber(text)
  if (scheme === '') {
    const at = text.lastIndexOf('@')
    return at > 0 ? identity.ofUser(text.slice(0, at), hostOf(text.slice(at + 1))) : identity.ofNumber(text)
  }
  const rest = text.slice(scheme.length + 1)
  const at = rest.indexOf('@')
  if (at < 0) return hostOf(rest).toLowerCase()
  return identity.ofUser(rest.slice(0, at), hostOf(rest.slice(at + 1)), /;user=phone\b/i.test(rest.slice(at)))
}

function unbracketed(text: string): string {
  const open = text.indexOf('<')
  if (open < 0) return text
  const close = text.indexOf('>', open)
  return close < 0 ? text : text.slice(open + 1, close)
}

function schemeOf(text: string): '' | 'sip' | 'sips' | 'tel' {
  const colon = text.indexOf(':')
  if (colon !== 3 && colon !== 4) return ''
  const scheme = text.slice(0, colon).toLowerCase()
  return scheme === 'sip' || scheme === 'sips' || scheme === 'tel' ? scheme : ''
}

/** The host alone: port, parameters and headers cut off. */
function hostOf(text: string): string {
  if (text.startsWith('[')) return text.slice(0, text.indexOf(']') + 1)
  const end = text.search(/[:;?>]/)
  return end < 0 ? text : text.slice(0, end)
}

/** A global number is longer: what is this short behind its + is a service code with a country before it. */
const LONGEST_CODE = 8

/**
 * The forms under which an emergency list may name a target: short codes are dialled within a host (`112@ims.example`) or
 * with a country as their context (`+33112`), and a service URN may name a branch (`urn:service:sos.fire`, RFC 5031).
 */
export function serviceForms(party: string): readonly string[] {
  const at = party.indexOf('@')
  if (at > 0) return [party, party.slice(0, at)]
  if (party.toLowerCase().startsWith('urn:service:sos')) return [party, 'urn:service:sos']
  if (party.startsWith('+') && party.length <= LONGEST_CODE) return [party, ...[2, 3, 4].map(end => party.slice(end))]
  return [party]
}
