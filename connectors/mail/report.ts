import PostalMime, { type Attachment, type Email } from 'postal-mime'

/** An abuse report (RFC 5965) as far as it matters here. */
export interface AbuseReport {
  readonly messageId: string
  /** `abuse`, `fraud`, `not-spam`, … in lower case. */
  readonly type: string
  /** Address of the one reported: Original-Mail-From, else From of the mail in question. */
  readonly reported: string
  readonly reporter: string | undefined
  readonly sourceIp: string | undefined
  readonly timeMs: number | undefined
  readonly incidents: number
}

export type ReportFault = 'not a mail' | 'no feedback report' | 'report does not say who'

/** What a mail may be made of: a report is three parts, and the mail in question is not opened. */
const LIMITS = { maxNestingDepth: 16, maxHeadersSize: 262_144, forceRfc822Attachments: true }

/**
 * Reads a mail as an abuse report: `multipart/report` with a `message/feedback-report` and the mail in question, whole or its
 * headers (RFC 5965 clause 2). Never throws; returns why it is none.
 */
export async function readReport(mail: Uint8Array): Promise<AbuseReport | { readonly fault: ReportFault }> {
  let email: Email
  try {
    email = await PostalMime.parse(mail, LIMITS)
  } catch {
    return { fault: 'not a mail' }
  }
  const part = email.attachments.find(attachment => attachment.mimeType === 'message/feedback-report')
  if (part === undefined) return { fault: 'no feedback report' }
  const fields = readFields(textOf(part))
  const original = email.attachments.find(
    attachment => attachment.mimeType === 'message/rfc822' || attachment.mimeType === 'text/rfc822-headers',
  )
  const headers = readFields(original === undefined ? (email.text ?? '') : textOf(original))
  const type = fields.get('feedback-type')?.toLowerCase()
  const reported = said(fields.get('original-mail-from')) ?? said(headers.get('from'))
  if (type === undefined || reported === undefined) return { fault: 'report does not say who' }
  const arrival = Date.parse(fields.get('arrival-date') ?? fields.get('received-date') ?? email.date ?? '')
  const incidents = Number(fields.get('incidents') ?? 1)
  return {
    messageId: email.messageId ?? '',
    type,
    reported,
    reporter: said(fields.get('original-rcpt-to')) ?? said(headers.get('to')),
    sourceIp: fields.get('source-ip'),
    timeMs: Number.isNaN(arrival) || arrival < 0 ? undefined : arrival,
    incidents: Number.isInteger(incidents) && incidents > 0 ? incidents : 1,
  }
}

/** `<>` and the like say nobody. */
function said(address: string | undefined): string | undefined {
  return address?.includes('@') ? address : undefined
}

const FIELDS_BYTES = 65_536

function textOf({ content }: Attachment): string {
  if (typeof content === 'string') return content.slice(0, FIELDS_BYTES)
  const bytes = content instanceof Uint8Array ? content : new Uint8Array(content)
  return Buffer.from(bytes.subarray(0, FIELDS_BYTES)).toString('utf8')
}

/** Header fields up to the first empty line, folding undone; the first of each name. */
function readFields(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  // Some generators begin the part with an empty line.
  const head = text.replace(/^\s+/, '').split(/\r?\n\r?\n/, 1)[0]!
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/, 500)) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    if (!fields.has(name)) fields.set(name, line.slice(colon + 1).trim())
  }
  return fields
}
