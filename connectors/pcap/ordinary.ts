/** What every capture holds beside signalling: no damage, and not reported. */
export const ordinaryReasons: ReadonlySet<string> = new Set(['not-ip', 'other-transport', 'keep-alive'])

/**
 * What user agents send to keep a NAT binding open: CRLFs (RFC 5626 clause 4.4.1), and in the field zero bytes, blanks,
 * `hello`. Whatever it says, no message is so short.
 */
export const MAX_KEEP_ALIVE_BYTES = 8
