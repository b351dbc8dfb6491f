import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostOf, network } from './network.ts'
import {
  type CallOutcome,
  type Entry,
  isAnswered,
  type PlannedCall,
  type PlannedMessage,
  type PlannedProbe,
  type PlannedRegistration,
} from './plan.ts'

/** Lines of a SIPp injection file, read in sequence: call N takes line N. */
type Line = readonly (string | number)[]

/** One SIPp instance that places traffic: its scenario, its lines, where it sends from. */
export interface Placer {
  readonly name: string
  readonly scenario: string
  readonly local: string
  readonly lines: number
  readonly args: readonly string[]
}

const refusals: Partial<Record<CallOutcome, number>> = { busy: 486, declined: 603, absent: 480, unknown: 404 }

/** Call-IDs of an instance: SIPp puts the number of the call in place of %u. */
const callIdPattern = (name: string, host: string) => `%u-${name.length}f3a${name.charCodeAt(0).toString(16)}@${host}`

export interface Injection {
  readonly folder: string
  /** Divides every time: 1 for the recording, more for a trial. */
  readonly speed: number
  /** `ip:port` that each entry's calls and messages come from; those of the recording unless said. */
  readonly addressOf?: (entry: Entry) => { readonly calls: string; readonly messages: string }
  /** Call-IDs of an instance that sends from a host, with %u for the number of the call. */
  readonly callIdsOf?: (name: string, host: string) => string
}

const recordingAddress = (entry: Entry) => network.entries[entry]

/** Writes the callers' files, and answers.csv for the callees; gives the instances that place the calls. */
export function injectCalls(injection: Injection, calls: readonly PlannedCall[]): Placer[] {
  const { folder, speed, addressOf = recordingAddress, callIdsOf = callIdPattern } = injection
  const answers: Line[] = []
  const ms = (value: number) => Math.round(value / speed)
  const placers = byEntry(calls).map(([entry, planned]): Placer => {
    const name = `${entry}-calls`
    const local = addressOf(entry).calls
    const pattern = callIdsOf(name, hostOf(local))
    const lines = planned.map((call, index): Line => {
      const callId = pattern.replace('%u', String(index + 1))
      answers.push([
        callId,
        answerOf(call),
        ms(call.delayMs),
        ms(call.ringMs),
        ms(call.talkMs),
        refusals[call.outcome] ?? 200,
      ])
      const mode = call.outcome === 'given-up' ? 'cancel' : call.outcome === 'callee-hangs-up' ? 'listen' : 'talk'
      return [
        ms(call.atMs),
        mode,
        ms(call.ringMs),
        ms(call.talkMs),
        call.from.number,
        call.from.name,
        call.dialled,
        call.from.agent,
        assertion(entry, call.from.number),
        tag(entry, 'c', index),
      ]
    })
    return { name, scenario: 'callers.xml', local, lines: lines.length, args: place(folder, name, lines, pattern) }
  })
  writeLines(join(folder, 'answers.csv'), answers)
  return placers
}

/** Writes the senders' files; gives the instances that send the messages. */
export function injectMessages(
  { folder, speed, addressOf = recordingAddress }: Injection,
  messages: readonly PlannedMessage[],
): Placer[] {
  return byEntry(messages).map(([entry, planned]) => {
    const name = `${entry}-messages`
    const local = addressOf(entry).messages
    const lines = planned.map(
      ({ atMs, from, to, text }, index): Line => [
        Math.round(atMs / speed),
        from.number,
        to,
        from.agent,
        assertion(entry, from.number),
        tag(entry, 'm', index),
        text,
      ],
    )
    const args = place(folder, name, lines, callIdPattern(name, hostOf(local)))
    return { name, scenario: 'senders.xml', local, lines: lines.length, args }
  })
}

/** Writes the registering phones' file. */
export function injectRegistrations(
  { folder, speed }: Injection,
  registrations: readonly PlannedRegistration[],
): Placer {
  const name = 'phones'
  const lines = sorted(registrations).map(({ atMs, person }, index): Line => {
    const user = person.number
    const secret = `[authentication username=${user} password=secret-${user}]`
    return [Math.round(atMs / speed), user, secret, person.agent, tag('access', 'r', index)]
  })
  const args = place(folder, name, lines, callIdPattern(name, hostOf(network.phones)))
  return { name, scenario: 'phones.xml', local: network.phones, lines: lines.length, args }
}

/** Writes the scanner's file. */
export function injectProbes({ folder, speed }: Injection, probes: readonly PlannedProbe[]): Placer {
  const name = 'scanner'
  const lines = probes.map(
    ({ atMs, method, fromUser, toUser, agent }, index): Line => [
      Math.round(atMs / speed),
      method,
      fromUser,
      toUser,
      agent,
      tag('access', 's', index),
    ],
  )
  const args = place(folder, name, lines, callIdPattern(name, hostOf(network.scanner)))
  return { name, scenario: 'scanner.xml', local: network.scanner, lines: lines.length, args }
}

function answerOf(call: PlannedCall): string {
  if (call.outcome === 'given-up') return 'wait'
  if (call.outcome === 'callee-hangs-up') return 'hang'
  if (isAnswered(call.outcome)) return 'answer'
  return call.outcome === 'absent' || call.outcome === 'declined' ? 'absent' : 'refuse'
}

/** The operator asserts its own subscribers' identity (RFC 3325); what comes from interconnects has From only. */
function assertion(entry: Entry, number: string): string {
  return entry === 'access' ? `P-Asserted-Identity: <sip:${number}@ims.example>` : 'Supported: timer'
}

/** From tags that look like nothing in particular, different in every dialog. */
function tag(entry: string, kind: string, index: number): string {
  return `${kind}${(Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(entry.charCodeAt(0) * 31 + entry.length, 0x85ebca6b)) >>> 0}`
}

function byEntry<T extends { entry: Entry; atMs: number }>(planned: readonly T[]): [Entry, T[]][] {
  const groups = new Map<Entry, T[]>()
  for (const item of sorted(planned)) groups.set(item.entry, [...(groups.get(item.entry) ?? []), item])
  return [...groups]
}

function sorted<T extends { atMs: number }>(planned: readonly T[]): T[] {
  return [...planned].sort((one, other) => one.atMs - other.atMs)
}

/** Arguments that start every line's call within a second: each then waits for its own time. */
function place(folder: string, name: string, lines: readonly Line[], callIds: string): string[] {
  writeLines(join(folder, `${name}.csv`), lines)
  const count = String(lines.length)
  return ['-inf', `${name}.csv`, '-cid_str', callIds, '-m', count, '-l', count, '-r', count, '-rp', '1000']
}

function writeLines(path: string, lines: readonly Line[]): void {
  for (const field of lines.flat())
    if (/[;\r\n]/.test(String(field))) throw new Error(`${path}: a field holds a separator: ${field}`)
  writeFileSync(path, `SEQUENTIAL\n${lines.map(line => line.join(';')).join('\n')}\n`)
}
