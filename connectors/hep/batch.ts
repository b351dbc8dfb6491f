/**
 * Datagrams on their way from a receiving thread to the tap's: many in one buffer that changes hands, since a message
 * between threads costs 15–30 µs and a datagram may cost 5.
 */

/** Length (u32), index of the peer (u16), two bytes unused. */
const HEADER_BYTES = 8

export interface DatagramBatch {
  readonly buffer: ArrayBuffer
  /** Bytes of the buffer in use. */
  readonly used: number
  readonly receivedMs: number
  /** Who sent them; records name them by their place here. */
  readonly peers: readonly string[]
}

/** Fills one buffer. */
export interface BatchWriter {
  /** False when the datagram does not fit any more. */
  add(bytes: Uint8Array, peer: string): boolean
  readonly used: number
  take(receivedMs: number): DatagramBatch
}

export function createBatchWriter(buffer: ArrayBuffer): BatchWriter {
  const out = new Uint8Array(buffer)
  const view = new DataView(buffer)
  const peers = new Map<string, number>()
  let used = 0
  return {
    add(bytes, peer) {
      if (used + HEADER_BYTES + bytes.length > out.length) return false
      let index = peers.get(peer)
      if (index === undefined) {
        index = peers.size
        if (index > 0xffff) return false
        peers.set(peer, index)
      }
      view.setUint32(used, bytes.length)
      view.setUint16(used + 4, index)
      out.set(bytes, used + HEADER_BYTES)
      used += HEADER_BYTES + bytes.length
      return true
    },
    get used() {
      return used
    },
    take: receivedMs => ({ buffer, used, receivedMs, peers: [...peers.keys()] }),
  }
}

/** Gives the datagrams of a batch in the order in which they came. */
export function readBatch(
  batch: DatagramBatch,
  datagram: (bytes: Uint8Array, start: number, end: number, peer: string, receivedMs: number) => void,
): void {
  const bytes = new Uint8Array(batch.buffer)
  const view = new DataView(batch.buffer)
  for (let at = 0; at < batch.used; ) {
    const start = at + HEADER_BYTES
    const end = start + view.getUint32(at)
    datagram(bytes, start, end, batch.peers[view.getUint16(at + 4)]!, batch.receivedMs)
    at = end
  }
}
