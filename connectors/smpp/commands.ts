/** Command ids of SMPP 3.4 (clause 5.1.2.1) and the broadcast ones of 5.0; a response has the highest bit set. */
const names = new Map<number, string>([
  [0x00000001, 'bind_receiver'],
  [0x00000002, 'bind_transmitter'],
  [0x00000003, 'query_sm'],
  [0x00000004, 'submit_sm'],
  [0x00000005, 'deliver_sm'],
  [0x00000006, 'unbind'],
  [0x00000007, 'replace_sm'],
  [0x00000008, 'cancel_sm'],
  [0x00000009, 'bind_transceiver'],
  [0x0000000b, 'outbind'],
  [0x00000015, 'enquire_link'],
  [0x00000021, 'submit_multi'],
  [0x00000102, 'alert_notification'],
  [0x00000103, 'data_sm'],
  [0x00000111, 'broadcast_sm'],
  [0x00000112, 'query_broadcast_sm'],
  [0x00000113, 'cancel_broadcast_sm'],
])

const RESPONSE = 0x80000000
const GENERIC_NACK = 0x80000000

export const SUBMIT_SM = 0x00000004
export const DELIVER_SM = 0x00000005
export const SUBMIT_MULTI = 0x00000021
export const DATA_SM = 0x00000103
export const BIND_RECEIVER = 0x00000001
export const BIND_TRANSMITTER = 0x00000002
export const BIND_TRANSCEIVER = 0x00000009

/** Name of a command id as the specification writes it, undefined for one it does not know. */
export function commandName(id: number): string | undefined {
  if (id === GENERIC_NACK) return 'generic_nack'
  if (id < RESPONSE) return names.get(id)
  const request = names.get(id - RESPONSE)
  return request === undefined ? undefined : `${request}_resp`
}

export function isKnownCommand(id: number): boolean {
  return id === GENERIC_NACK || names.has(id < RESPONSE ? id : id - RESPONSE)
}
