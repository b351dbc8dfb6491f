import { type AddressTexts, createAddressTexts } from '../net/index.ts'
import type { HepDropReason, HepPacket } from './packet.ts'
import { decodeV3 } from './v3.ts'
import { decodeV12, looksLikeV12 } from './v12.ts'

export interface HepDecoderOptions {
  /** Cap on a compressed payload once inflated; default 1 MiB. */
  readonly maxInflatedBytes?: number
  /** Shared cache of address texts; its own by default. */
  readonly texts?: AddressTexts
}

/**
 * Decodes one HEP packet of version 1, 2 or 3 at `bytes[start, end)` into `out`.
 * @param receivedMs time of receipt, used where the packet has none
 * @returns why it is not taken, or undefined with `out` filled; never throws
 */
export type HepDecode = (
  bytes: Uint8Array,
  start: number,
  end: number,
  receivedMs: number,
  out: HepPacket,
) => HepDropReason | undefined

const DEFAULT_MAX_INFLATED_BYTES = 1 << 20

/** A decoder with its own cache of address texts. */
export function createHepDecoder(options: HepDecoderOptions = {}): HepDecode {
  const texts = options.texts ?? createAddressTexts()
  const maxInflatedBytes = options.maxInflatedBytes ?? DEFAULT_MAX_INFLATED_BYTES
  return (bytes, start, end, receivedMs, out) => {
    if (isHep3(bytes, start, end)) return decodeV3(bytes, start, end, receivedMs, maxInflatedBytes, texts, out)
    if (looksLikeV12(bytes, start, end)) return decodeV12(bytes, start, end, receivedMs, texts, out)
    return 'not-hep'
  }
}

/** Do these bytes open with `HEP3`? */
export function isHep3(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= 4 &&
    bytes[start] === 0x48 &&
    bytes[start + 1] === 0x45 &&
    bytes[start + 2] === 0x50 &&
    bytes[start + 3] === 0x33
  )
}
