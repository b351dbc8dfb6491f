export interface FrameGiven {
  readonly opcode?: number
  readonly final?: boolean
  /** Reserved bits of the first byte: 0x40 marks compression. */
  readonly reserved?: number
}

/** A WebSocket frame as servers send it (RFC 6455 clause 5.2). */
export function webSocketFrame(payload: Uint8Array, given: FrameGiven = {}): Buffer {
  return Buffer.concat([header(payload.length, 0, given), payload])
}

/** A WebSocket frame as clients send it. */
export function maskedFrame(payload: Uint8Array, given: FrameGiven = {}): Buffer {
  const mask = Buffer.from([0x12, 0x9a, 0x55, 0xf0])
  return Buffer.concat([header(payload.length, 0x80, given), mask, payload.map((byte, i) => byte ^ mask[i & 3]!)])
}

function header(length: number, masked: number, given: FrameGiven): Buffer {
  const { opcode = 1, final = true, reserved = 0 } = given
  const first = (final ? 0x80 : 0) | reserved | opcode
  if (length < 126) return Buffer.from([first, masked | length])
  if (length < 65_536) return Buffer.from([first, masked | 126, length >> 8, length & 0xff])
  const long = Buffer.alloc(10)
  long[0] = first
  long[1] = masked | 127
  long.writeBigUInt64BE(BigInt(length), 2)
  return long
}
