/** What a report by message says: who is reported, if it says so, and what is left as the forwarded text. */
export interface ParsedReport {
  /** As it is written. */
  readonly reported: string | undefined
  readonly text: string
}

const MAX_TEXT = 4096
const NUMBER = /^\+?[\d\s().\-/]{3,24}$/
/** `From: +33…`, `De : …`, `SPAM 0612…`, `Von …`: a word that says that what follows is the sender. */
const LABELLED = /^(?:from|de|von|da|spam|sms|tel|numero|numéro|number|sender|expéditeur|expediteur)\s*:?\s+(.{2,40})$/i

/**
 * Reads what people write to a reporting code (GSMA's 7726, in France 33700): the forwarded message alone; the sender's number
 * alone, as the second message of the dialogue; or both, the sender in a line of its own, at the beginning or the end. Numbers
 * inside the forwarded text are what the spammer wants to be called at, not who he is: they are left alone.
 */
export function parseReport(message: string): ParsedReport {
  const lines = message
    .slice(0, MAX_TEXT)
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '')
  if (lines.length === 1) {
    const only = senderOf(lines[0]!)
    return only === undefined ? { reported: undefined, text: lines[0]! } : { reported: only, text: '' }
  }
  const first = senderOf(lines[0] ?? '')
  if (first !== undefined) return { reported: first, text: lines.slice(1).join('\n') }
  const last = senderOf(lines.at(-1) ?? '')
  if (last !== undefined) return { reported: last, text: lines.slice(0, -1).join('\n') }
  return { reported: undefined, text: lines.join('\n') }
}

function senderOf(line: string): string | undefined {
  if (isNumber(line)) return line
  const named = LABELLED.exec(line)?.[1]?.trim()
  if (named === undefined) return undefined
  // A label and a sender id (up to 11 characters, TS 23.040 §9.1.2.5), or a label and a number; a sentence is neither.
  return isNumber(named) || /^[A-Za-z0-9][A-Za-z0-9 _.-]{1,10}$/.test(named) ? named : undefined
}

function isNumber(text: string): boolean {
  return NUMBER.test(text) && text.replace(/\D/g, '').length >= 3
}
