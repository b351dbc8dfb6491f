/** Where a response goes, and the topmost Via as it has to be sent back (RFC 3261 §18.2, RFC 3581 §4). */
export interface ReturnWay {
  readonly via: string
  readonly port: number
}

const DEFAULT_PORT = 5060

/**
 * Fills in `received` and `rport` of the topmost Via. Responses go to the address that the request came from, whatever the
 * Via names: neither its host nor `maddr` is ever sent to, so nobody can aim answers at others.
 * @param via the topmost value alone @returns undefined when it is no Via
 */
export function returnWay(via: string, address: string, port: number): ReturnWay | undefined {
  const match =
    /^SIP\s*\/\s*2\.0\s*\/\s*[A-Za-z]+\s+(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?:\s*:\s*(\d{1,5}))?\s*(;.*)?$/.exec(via)
  if (match === null) return undefined
  const [, host = '', sentPort] = match
  const plain = via.replace(/;\s*received\s*=\s*[^;]*/gi, '')
  if (/;\s*rport\s*(?:=\s*\d*\s*)?(?=;|$)/i.test(plain)) {
    const filled = plain.replace(/;\s*rport\s*(?:=\s*\d*\s*)?(?=;|$)/gi, '')
    return { via: `${filled};rport=${port};received=${address}`, port }
  }
  const named = Number(sentPort ?? DEFAULT_PORT)
  const back = named > 0 && named <= 65_535 ? named : DEFAULT_PORT
  return { via: host === address ? plain : `${plain};received=${address}`, port: back }
}
