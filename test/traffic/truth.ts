import { blasters, robocaller, sequentialDialler, wangiriCaller } from './campaigns.ts'
import { hostOf, network } from './network.ts'
import type { People } from './people.ts'
import type { PlannedCall, PlannedMessage, PlannedProbe, Role, TruthRow } from './plan.ts'

interface Traffic {
  readonly calls: readonly PlannedCall[]
  readonly messages: readonly PlannedMessage[]
  readonly probes: readonly PlannedProbe[]
}

/** Every party that called, sent or probed, what it really was, and what is expected of the default pack. */
export function truthOf(people: People, { calls, messages, probes }: Traffic): TruthRow[] {
  const notes = new Map([
    [people.reception.number, 'reception desk: places and receives many calls'],
    [people.surgery.number, 'appointment reminders: twelve similar texts'],
    ...people.desks.map(desk => [desk.number, 'office desk'] as const),
    ...people.abroad.map(person => [person.number, 'abroad'] as const),
  ])
  const rows = new Map<string, { role: Role; calls: number; messages: number }>()
  const roles = new Map<string, Role>([
    [robocaller.number, 'robocaller'],
    [sequentialDialler.number, 'sequential-dialler'],
    [wangiriCaller.number, 'wangiri'],
    ...blasters.map(blaster => [blaster.number, 'message-blast'] as const),
  ])
  for (const [kind, planned] of [
    ['calls', calls],
    ['messages', messages],
  ] as const)
    for (const { from } of planned) {
      const row = rows.get(from.number) ?? { role: roles.get(from.number) ?? 'ordinary', calls: 0, messages: 0 }
      row[kind]++
      rows.set(from.number, row)
    }
  const truth = [...rows].map(
    ([party, row]): TruthRow => ({
      party,
      role: row.role,
      kind: row.calls === 0 ? 'message' : row.messages === 0 ? 'call' : 'call+message',
      expected: row.role === 'ordinary' ? 'allow' : 'flag',
      note: [counted(row.calls, 'call'), counted(row.messages, 'message'), notes.get(party)]
        .filter(text => text !== undefined)
        .join('; '),
    }),
  )
  truth.push({
    party: `ip:${hostOf(network.scanner)}`,
    role: 'scanner',
    kind: 'probe',
    expected: 'flag',
    note: `${probes.length} probes`,
  })
  const names = new Set(probes.filter(({ method }) => method === 'INVITE').map(({ fromUser }) => fromUser))
  for (const name of names)
    truth.push({
      party: `${name}@${hostOf(network.edge)}`,
      role: 'scanner',
      kind: 'call',
      expected: 'either',
      note: 'a name the scanner gave in INVITE',
    })
  const order: readonly Role[] = ['robocaller', 'sequential-dialler', 'wangiri', 'message-blast', 'scanner', 'ordinary']
  return truth.sort(
    (one, other) => order.indexOf(one.role) - order.indexOf(other.role) || (one.party < other.party ? -1 : 1),
  )
}

const counted = (count: number, what: string) => (count === 0 ? undefined : `${count} ${what}${count === 1 ? '' : 's'}`)

/**
 * As CSV with a header line.
 * @throws Error when a cell would need quoting, which the table does without.
 */
export function truthCsv(rows: readonly TruthRow[]): string {
  const lines = rows.map(row => [row.party, row.role, row.kind, row.expected, row.note])
  const bad = lines.flat().find(cell => /[",\n]/.test(cell))
  if (bad !== undefined) throw new Error(`a cell of the table of truth holds a separator: ${bad}`)
  return `${['party,role,kind,expected,note', ...lines.map(line => line.join(','))].join('\n')}\n`
}
