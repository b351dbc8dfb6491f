import type { Edition } from './edition.ts'
import { kindOf } from './party.ts'

/**
 * Tables in Kamailio's db_text format (its DBSchema): columns in the first line, fields apart by colons. The `htable` module
 * loads the first one and lets entries expire by themselves, `secfilter` the second one.
 */

/** `key_type` 0: a single value; `value_type` 0: a string. Key: number with +, `user@host`, or address. */
export function htable({ entries }: Edition): string {
  let text = 'id(int,auto) key_name(string) key_type(int) value_type(int) key_value(string) expires(int)\n'
  entries.forEach(({ party, action, untilMs }, i) => {
    text += `${i + 1}:${field(keyOf(party))}:0:0:${action}:${Math.floor(untilMs / 1000)}\n`
  })
  return text
}

/** Action 0 is secfilter's blocklist; type 3 an address, type 4 a user. A party `user@host` has no type that means it alone. */
export function secfilter({ entries }: Edition): string {
  let text = 'id(int,auto) action(int) type(int) data(string)\n'
  let id = 0
  for (const { party } of entries) {
    const kind = kindOf(party)
    // The column holds 64 characters; longer parties are no telephone numbers.
    if (kind === 'address' || keyOf(party).length > 64) continue
    text += `${++id}:0:${kind === 'ip' ? 3 : 4}:${field(keyOf(party))}\n`
  }
  return text
}

function keyOf(party: string): string {
  return kindOf(party) === 'ip' ? party.slice(3) : party
}

/** db_text escapes (Kamailio's dbt_file.c): backslash, colon, line ends, NUL. */
function field(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll(':', '\\:')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll('\0', '\\0')
}
