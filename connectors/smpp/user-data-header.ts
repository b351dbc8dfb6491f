/** What a user data header (3GPP TS 23.040 clause 9.2.3.24) says that matters here. Reused. */
export interface UserDataHeader {
  /** Octets of the header with its length octet. */
  length: number
  /** Concatenation: reference, parts in all (0: not concatenated), number of this part from 1. */
  reference: number
  parts: number
  part: number
  /** Language codes of the national tables, 0 for the default. */
  locking: number
  single: number
  /** Destination port of application port addressing, -1 for none: not a text for a person. */
  port: number
}

/** A header that says nothing. */
export function userDataHeader(): UserDataHeader {
  return { length: 0, reference: 0, parts: 0, part: 0, locking: 0, single: 0, port: -1 }
}

/**
 * Reads the header at `bytes[start, end)` into `out`. Returns false when its lengths do not fit: then there is no telling
 * header from text. Unknown elements are passed over; of a repeated element the last one counts (clause 9.2.3.24).
 */
export function readUserDataHeader(bytes: Uint8Array, start: number, end: number, out: UserDataHeader): boolean {
  out.length = 0
  out.reference = 0
  out.parts = 0
  out.part = 0
  out.locking = 0
  out.single = 0
  out.port = -1
  if (start >= end) return false
  const headerEnd = start + 1 + bytes[start]!
  if (headerEnd > end) return false
  let at = start + 1
  while (at < headerEnd) {
    if (at + 2 > headerEnd) return false
    const element = bytes[at]!
    const length = bytes[at + 1]!
    const value = at + 2
    at = value + length
    if (at > headerEnd) return false
    readElement(bytes, element, value, length, out)
  }
  out.length = headerEnd - start
  return true
}

function readElement(bytes: Uint8Array, element: number, at: number, length: number, out: UserDataHeader): void {
  if (element === 0x00 && length === 3) concatenate(out, bytes[at]!, bytes[at + 1]!, bytes[at + 2]!)
  // 16-bit references are kept apart from 8-bit ones: a sender may use both.
  else if (element === 0x08 && length === 4)
    concatenate(out, 0x10000 + (bytes[at]! << 8) + bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!)
  else if (element === 0x04 && length === 2) out.port = bytes[at]!
  else if (element === 0x05 && length === 4) out.port = (bytes[at]! << 8) | bytes[at + 1]!
  else if (element === 0x24 && length === 1) out.single = bytes[at]!
  else if (element === 0x25 && length === 1) out.locking = bytes[at]!
}

/** Clause 9.2.3.24.1: an element whose total or number is 0, or whose number exceeds the total, is to be ignored. */
function concatenate(out: UserDataHeader, reference: number, parts: number, part: number): void {
  if (parts === 0 || part === 0 || part > parts) return
  out.reference = reference
  out.parts = parts
  out.part = part
}
