/** One column of an archived table. */
export interface Column {
  /** DuckDB's name of its type; Parquet and every reader of it follow. */
  readonly type: 'VARCHAR' | 'VARCHAR[]' | 'BIGINT' | 'INTEGER' | 'DOUBLE' | 'FLOAT' | 'BOOLEAN' | 'TIMESTAMP_MS'
  readonly about: string
}

export type DatasetName = 'verdicts' | 'outcomes' | 'activity' | 'feedback' | 'cost'

const column = (type: Column['type'], about: string): Column => ({ type, about })
const PSEUDONYM = 'keyed hash that rotates'

/**
 * What the archive keeps, a Parquet table each. No text of a message, no number, no address of a subscriber and no
 * Call-ID ever: people are pseudonyms (a keyed hash that rotates), numbers are ranges, addresses are networks.
 */
export const datasets = {
  verdicts: {
    id: column('VARCHAR', 'first 11 characters of the verdict id: 66 bits, enough to tell duplicates'),
    time: column('TIMESTAMP_MS', 'event time, UTC'),
    kind: column('VARCHAR', 'kind of the activity that was judged'),
    role: column('VARCHAR', 'whose copy was judged: origin, or target (a victim that is protected)'),
    event: column('BIGINT', `the call or message: ${PSEUDONYM}`),
    party: column('BIGINT', `who acted: ${PSEUDONYM}`),
    target: column('BIGINT', `who was acted upon: ${PSEUDONYM}`),
    party_country: column('VARCHAR', 'ISO 3166 country of the number that acted; empty when it is none'),
    party_range: column('VARCHAR', 'range of that number, its last digits left out; else the domain or network'),
    target_country: column('VARCHAR', 'ISO 3166 country of the number that was reached'),
    score: column('FLOAT', 'score of the verdict'),
    action: column('VARCHAR', 'allow, flag, challenge, divert or block'),
    category: column('VARCHAR', 'category of the pack'),
    class: column('VARCHAR', 'ITU-T X.1244 clause 7'),
    symbols: column('VARCHAR[]', 'findings that counted'),
    shadow_action: column('VARCHAR', 'action had shadow findings counted'),
    trunk: column('VARCHAR', 'trunk or interconnect it came in by'),
    network: column('VARCHAR', 'network of the sending element: /24 or /48'),
    campaign: column('VARCHAR', 'campaign it belongs to'),
    campaign_targets: column('INTEGER', 'targets of that campaign so far'),
    pack: column('VARCHAR', 'version of the packs that judged'),
    model: column('VARCHAR', 'version of the models that scored'),
  },
  outcomes: {
    event: column('BIGINT', `the call or message: ${PSEUDONYM}`),
    time: column('TIMESTAMP_MS', 'event time, UTC'),
    kind: column('VARCHAR', 'call.answered, call.ended, call.failed or message'),
    duration: column('FLOAT', 'talk time (s) of an ended call'),
    ringing: column('FLOAT', 'ringing time (s)'),
    status: column('INTEGER', 'final SIP status of a failed call'),
    ended_by: column('VARCHAR', 'origin, target, network or timeout'),
    protocol: column('VARCHAR', 'protocol of a message: sip, smpp, smtp, xmpp, chat, …'),
    language: column('VARCHAR', 'ISO 639-1 language of a message whose content may be inspected'),
  },
  activity: {
    hour: column('TIMESTAMP_MS', 'start of the hour, UTC'),
    kind: column('VARCHAR', 'kind of activity'),
    tap: column('VARCHAR', 'tap that saw it'),
    site: column('VARCHAR', 'site of the tap'),
    protocol: column('VARCHAR', 'protocol or transport of a message'),
    trunk: column('VARCHAR', 'trunk or interconnect it came in by'),
    network: column('VARCHAR', 'network of the sending element: /24 or /48'),
    origin_country: column('VARCHAR', 'ISO 3166 country of the origin'),
    target_country: column('VARCHAR', 'ISO 3166 country of the target'),
    records: column('BIGINT', 'activities'),
    seconds: column('DOUBLE', 'talk time of ended calls'),
  },
  feedback: {
    id: column('VARCHAR', 'id of the opinion'),
    time: column('TIMESTAMP_MS', 'when it was said, UTC'),
    party: column('BIGINT', `whom it is about: ${PSEUDONYM}`),
    reporter: column('BIGINT', `who says so: ${PSEUDONYM}`),
    source: column('VARCHAR', '607, 608, report, star-code, arf, analyst or appeal'),
    opinion: column('VARCHAR', 'spam or ham'),
    verdict: column('VARCHAR', 'first 11 characters of the id of the verdict it is about'),
    event: column('BIGINT', `the call or message it is about: ${PSEUDONYM}`),
    category: column('VARCHAR', 'category that was named'),
  },
  cost: {
    time: column('TIMESTAMP_MS', 'start of the hour, UTC'),
    instance: column('VARCHAR', 'process'),
    roles: column('VARCHAR', 'roles it had'),
    seconds: column('DOUBLE', 'time covered'),
    cpu_seconds: column('DOUBLE', 'CPU time of the whole process, user and system'),
    rss_bytes: column('BIGINT', 'largest resident memory seen'),
    events: column('BIGINT', 'verdicts archived meanwhile'),
  },
} as const satisfies Record<DatasetName, Readonly<Record<string, Column>>>

export const datasetNames = Object.keys(datasets) as readonly DatasetName[]

/** What a row of a dataset is before it is written: JSON, pseudonyms as digits (they do not fit a double). */
export type Row = Readonly<Record<string, unknown>>

/** Column list for DuckDB's JSON reader: times are milliseconds there. */
export function columnsOf(dataset: DatasetName): string {
  return entries(dataset)
    .map(([name, { type }]) => `${name}: '${type === 'TIMESTAMP_MS' ? 'BIGINT' : type}'`)
    .join(', ')
}

/** What is selected from such lines: every column in its order and type. */
export function selectionOf(dataset: DatasetName): string {
  return entries(dataset)
    .map(([name, { type }]) => (type === 'TIMESTAMP_MS' ? `epoch_ms(${name})::TIMESTAMP_MS AS ${name}` : name))
    .join(', ')
}

function entries(dataset: DatasetName): [string, Column][] {
  return Object.entries<Column>(datasets[dataset])
}
