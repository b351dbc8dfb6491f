import type { Identity } from '../../engine/identity/index.ts'

/** Party of a mail address (`a@b`, `<a@b>`, `rfc822;a@b`); undefined for what is none, the null sender of bounces included. */
export function partyOfMail(address: string | undefined, identity: Identity): string | undefined {
  if (address === undefined || address.length > 1024) return undefined
  const bare = address
    .replace(/^[^<]*<([^<>]*)>.*$/s, '$1')
    .replace(/^rfc822;/i, '')
    .trim()
  const at = bare.lastIndexOf('@')
  if (at < 1 || at === bare.length - 1) return undefined
  return identity.ofUser(bare.slice(0, at), bare.slice(at + 1))
}
