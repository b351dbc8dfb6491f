import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a ticket says. */
export interface TicketHolder {
  readonly party: string
  /** Of the one appeal that this ticket may file: the same for every ticket of this party in this period. */
  readonly appealId: string
}

/** Tickets that let a refused caller file an appeal without any account. */
export interface Tickets {
  /** The ticket of a party, the same throughout a period; undefined when its name is too long for a header. */
  of(party: string): string | undefined
  /** Who holds it; undefined when it is none of ours or too old. Never throws. */
  open(ticket: string): TicketHolder | undefined
}

const DAY_MS = 86_400_000
/** Long enough for a number or an address; the ticket has to fit into a SIP header. */
const MAX_PARTY = 200
const MAX_TICKET = 400
const IV = 12
const TAG = 16

/**
 * Sealed rather than signed: a ticket travels in SIP headers and in logs of web servers, and names its party to us alone.
 * AES-256-GCM, whose nonce is a keyed hash of what is sealed (as in RFC 5297), so that nothing has to be kept: whoever is
 * refused a thousand times gets one ticket, and one appeal a period. A ticket is good in its period and the one after.
 * @param secret shared by the processes of an installation; empty: one is made up, tickets end with the process
 * @param now wall clock in milliseconds
 */
export function createTickets(secret: string, periodDays: number, now: () => number): Tickets {
  const base = secret === '' ? randomBytes(32) : Buffer.from(secret)
  const [sealing, naming] = ['seal', 'name'].map(use =>
    Buffer.from(hkdfSync('sha256', base, '', `ringfence appeal ${use}`, 32)),
  ) as [Buffer, Buffer]
  const period = () => Math.floor(now() / (periodDays * DAY_MS))
  const named = (text: string) => createHmac('sha256', naming).update(text).digest()

  return {
    of(party) {
      if (party.length > MAX_PARTY) return undefined
      const text = `${period()}\n${party}`
      const iv = named(text).subarray(0, IV)
      const cipher = createCipheriv('aes-256-gcm', sealing, iv)
      const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return sealed.length * 4 > MAX_TICKET * 3 ? undefined : sealed.toString('base64url')
    },
    open(ticket) {
      if (ticket.length > MAX_TICKET || !/^[A-Za-z0-9_-]+$/.test(ticket)) return undefined
      const sealed = Buffer.from(ticket, 'base64url')
      if (sealed.length <= IV + TAG) return undefined
      const text = unsealed(sealing, sealed)
      if (text === undefined || !timingSafeEqual(named(text).subarray(0, IV), sealed.subarray(0, IV))) return undefined
      const [issued, party] = text.split(/\n(.*)/s)
      const age = period() - Number(issued)
      if (party === undefined || !(age >= 0 && age <= 1)) return undefined
      return { party, appealId: `own-${named(`appeal ${text}`).toString('base64url')}` }
    },
  }
}

function unsealed(key: Buffer, sealed: Buffer): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV), { authTagLength: TAG })
    decipher.setAuthTag(sealed.subarray(-TAG))
    return Buffer.concat([decipher.update(sealed.subarray(IV, -TAG)), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
