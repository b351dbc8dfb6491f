/** Bytes of a message written as its lines, CRLF between them, in UTF-8. */
export function message(lines: readonly string[]): Uint8Array {
  return Buffer.from(lines.join('\r\n'), 'utf8')
}
