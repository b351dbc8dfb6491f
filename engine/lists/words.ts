import type { MemberSet } from './kinds.ts'

const REMEMBERED = 4_096

/**
 * User agents: an entry is found anywhere in the agent, `^entry` at its beginning, both without regard to case.
 * Agents repeat, so answers are remembered for the last few thousand; the memory is emptied when full.
 */
export function agentSet(entries: readonly string[]): MemberSet {
  const parts = entries.filter(entry => !entry.startsWith('^')).map(entry => entry.toLowerCase())
  const beginnings = entries.filter(entry => entry.startsWith('^')).map(entry => entry.slice(1).toLowerCase())
  const remembered = new Map<string, boolean>()
  return {
    kind: 'agents',
    size: entries.length,
    bytes: entries.reduce((sum, entry) => sum + entry.length * 2, 0),
    has(agent) {
      if (agent === '') return false
      const known = remembered.get(agent)
      if (known !== undefined) return known
      const lower = agent.toLowerCase()
      const found = parts.some(part => lower.includes(part)) || beginnings.some(start => lower.startsWith(start))
      if (remembered.size >= REMEMBERED) remembered.clear()
      remembered.set(agent, found)
      return found
    },
  }
}

/** Alphanumeric sender ids, compared whole and without regard to case. */
export function senderSet(entries: readonly string[]): MemberSet {
  const senders = new Set(entries.map(entry => entry.toLowerCase()))
  return {
    kind: 'senders',
    size: senders.size,
    bytes: entries.reduce((sum, entry) => sum + entry.length * 2, 0),
    has: sender => senders.has(sender.toLowerCase()),
  }
}
