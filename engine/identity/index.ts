/** Turns what signalling says of a user into a party. */
export interface Identity {
  /** Party of a telephone number as dialled or signalled (`0033 1…`, `+33…`, national with the default country). */
  ofNumber(raw: string): string
  /** Party of a SIP, SIPS, TEL or XMPP URI's user and host. */
  ofUser(user: string, host: string): string
}
