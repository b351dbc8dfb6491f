import { createHmac, randomBytes } from 'node:crypto'

/** Marks the way on, so that a call that comes back to us is known. */
export interface Marker {
  /** `;ringfence=…`, to be put behind the URI. */
  of(callId: string, fromTag: string): string
  /** Does this URI carry a mark of ours for this call? A forged one does not count: it would stop a call from passing. */
  isOn(uri: string, callId: string, fromTag: string): boolean
  /** The URI without any mark. */
  without(uri: string): string
}

const NAME = 'ringfence'
const pattern = /;ringfence=([A-Za-z0-9_-]*)/gi

/** @param secret empty: one is made up, and marks of other processes are not known */
export function createMarker(secret: string): Marker {
  const key = secret === '' ? randomBytes(32) : Buffer.from(secret)
  const markOf = (callId: string, fromTag: string) =>
    createHmac('sha256', key).update(`${callId}\n${fromTag}`).digest('base64url').slice(0, 16)
  return {
    of: (callId, fromTag) => `;${NAME}=${markOf(callId, fromTag)}`,
    isOn(uri, callId, fromTag) {
      if (!uri.includes(`${NAME}=`)) return false
      const mark = markOf(callId, fromTag)
      return [...uri.matchAll(pattern)].some(match => match[1] === mark)
    },
    without: uri => (uri.includes(`${NAME}=`) ? uri.replace(pattern, '') : uri),
  }
}
