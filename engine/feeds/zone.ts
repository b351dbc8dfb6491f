import { createHash } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { severityOf } from '../activity/index.ts'
import type { Edition, FeedEntry } from './edition.ts'
import { kindOf } from './party.ts'

const TTL_SECONDS = 300

/**
 * The list as a DNS zone (master file, RFC 1035 §5), to be asked as mail's blocklists are (RFC 5782): a listed name has an A
 * record 127.0.0.N, N = 2 flag, 3 challenge, 4 divert, 5 block, and a TXT with category and end. Names:
 * - numbers as in ENUM (RFC 6116 §3.2): `8.7.6.5.4.3.2.1.3.3.ZONE` for +3312345678
 * - IPv4 and IPv6 addresses as in RFC 5782 §2: `1.2.0.192.ip.ZONE`
 * - other addresses by the first 32 hexadecimal digits of their SHA-256: `HASH.sip.ZONE`
 *
 * The serial is the time in seconds, so that every edition is newer; SOA expire ends a copy that is not refreshed.
 */
export function zone({ entries, version, madeMs, expiresMs }: Edition, name: string): string {
  const serial = Math.floor(madeMs / 1000) >>> 0
  const validSeconds = Math.max(60, Math.floor((expiresMs - madeMs) / 1000))
  const lines = [
    `; Ringfence blocklist, edition ${version}, made ${new Date(madeMs).toISOString()}`,
    `$ORIGIN ${name}.`,
    `$TTL ${TTL_SECONDS}`,
    `@ IN SOA localhost. hostmaster.localhost. ${serial} ${TTL_SECONDS} 60 ${validSeconds} 60`,
    '@ IN NS localhost.',
    // RFC 5782 §5: test entries say that the zone is alive, and that it does not list everything.
    '2.0.0.127.ip IN A 127.0.0.2',
    '2.0.0.127.ip IN TXT "test entry"',
  ]
  for (const entry of entries) {
    const owner = ownerOf(entry.party)
    lines.push(`${owner} IN A 127.0.0.${severityOf(entry.action) + 1}`, `${owner} IN TXT "${textOf(entry)}"`)
  }
  return `${lines.join('\n')}\n`
}

function ownerOf(party: string): string {
  switch (kindOf(party)) {
    case 'number':
      return [...party.slice(1)].reverse().join('.')
    case 'ip':
      return `${reversed(party.slice(3))}.ip`
    case 'address':
      return `${createHash('sha256').update(party).digest('hex').slice(0, 32)}.sip`
  }
}

function reversed(address: string): string {
  if (isIPv4(address)) return address.split('.').reverse().join('.')
  const [head = '', tail = ''] = address.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const missing = 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array<string>(Math.max(0, missing)).fill('0'), ...groups(tail)]
  return [...all.map(group => group.padStart(4, '0')).join('')].reverse().join('.')
}

/** Categories are of the pack, but a pack is a file that people write: nothing of it ends the string. */
function textOf({ category, action, untilMs }: FeedEntry): string {
  const safe = (category ?? 'other').replace(/[^A-Za-z0-9 ._-]/g, '_').slice(0, 64)
  return `${action} ${safe} until ${new Date(untilMs).toISOString()}`
}
