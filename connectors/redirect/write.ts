import type { Reply } from './plan.ts'
import type { RequestHead } from './request.ts'

/** The octets of a response (RFC 3261 §8.2.6): nothing in it can end a line but the line ends written here. */
export function writeResponse(
  head: RequestHead,
  via: string,
  toTag: string,
  { status, phrase, headers }: Reply,
): Buffer {
  const lines = [
    `SIP/2.0 ${status} ${phrase}`,
    `Via: ${via}`,
    ...head.otherVias.map(value => `Via: ${value}`),
    `From: ${head.from}`,
    `To: ${head.to}${head.hasToTag ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${head.callId}`,
    `CSeq: ${head.cseq}`,
    ...headers,
    'Content-Length: 0',
    '',
    '',
  ]
  return Buffer.from(lines.join('\r\n'), 'latin1')
}
