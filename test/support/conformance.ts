import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

type Standing = 'shown' | 'in part' | 'by analogy' | 'not applicable'

interface Row {
  readonly clause: string
  readonly says: string
  readonly capability: string
  readonly standing: Standing
  /** File under test/ and the beginning or a part of a test's name. */
  readonly test?: readonly [file: string, name: string]
}

const row = (
  clause: string,
  says: string,
  capability: string,
  standing: Standing,
  file?: string,
  name?: string,
): Row => ({ clause, says, capability, standing, ...(file && name ? { test: [file, name] as const } : {}) })

const country = 'engine/report/country.test.ts'
const study = 'engine/report/study.test.ts'
const archive = 'engine/archive/writer.test.ts'

const resolution: readonly Row[] = [
  row(
    'recognizing further b) i; invites Member States 1',
    'legislation; national and legal frameworks',
    'Jurisdiction packs: consent model, hours, content policy, retention, with the texts they assume (engine/packs/fr, us)',
    'shown',
    study,
    'two jurisdiction packs',
  ),
  row(
    'recognizing further b) ii; considering k; noting',
    'technical measures',
    'Rules, models and decisions in real time',
    'shown',
    'engine/packs/attacks.test.ts',
    'wangiri, within 12 calls',
  ),
  row(
    'recognizing further b) iii; considering g; invites Member States 2; TSB Director 1',
    'partnerships and cooperation',
    'Signed, expiring feeds between operators and a national merge without records',
    'shown',
    'engine/feeds/feeds.test.ts',
    'as STIX: one identity',
  ),
  row(
    'recognizing further b) iv; resolves 2; Study Group 17 2',
    'education, training, best practices',
    'Every reason in plain English and French; a demo of recorded attacks that runs offline. No training courses',
    'in part',
    'engine/packs/default.test.ts',
    'every rule says why in two languages',
  ),
  row(
    'considering a; resolves 1',
    'e-mail and other telecommunications',
    'One record for calls, SMS, IP messages and e-mail metadata, and one study of them',
    'shown',
    country,
    'finds languages, types, campaigns',
  ),
  row(
    'considering b',
    'a variety of definitions of spam',
    'The same traffic counted under several definitions, side by side',
    'shown',
    study,
    'definitions count the same traffic differently',
  ),
  row(
    'considering c',
    'potential loss of revenue',
    'Loss model: five lines, measured quantity times printed assumptions, low to high',
    'shown',
    study,
    'losses are measured quantities times assumptions',
  ),
  row(
    'considering d; TSB Director 2 (à réaliser)',
    'investments made and to be made',
    'Inputs with provenance, low to high; the running cost of this engine measured',
    'shown',
    study,
    'keeps investment made and to be made apart',
  ),
  row(
    'considering e',
    'phishing and malware',
    'Smishing by text, links, look-alike letters and campaigns. Attached files are not examined',
    'in part',
    'engine/content/facts.test.ts',
    'pressure, capitals and exclamation',
  ),
  row(
    'considering f',
    'criminal, fraudulent or deceptive use',
    'Missed-call fraud, denial of service, traffic pumping, false identities',
    'shown',
    'engine/packs/attacks.test.ts',
    'storm of call-backs at a spoofed number',
  ),
  row(
    'considering g',
    'different characteristics in different regions',
    'Study by country, route, language and hour',
    'shown',
    country,
    'ranks routes and sources as they are',
  ),
  row(
    'considering h',
    'a matter of urgency',
    'Found within a few calls; latency is measured by benchmarks, not by a test',
    'in part',
    'engine/packs/attacks.test.ts',
    'wangiri, within 12 calls',
  ),
  row(
    'considering i and its footnote',
    'developing countries',
    'One process, two cores, no broker, no cloud, no downloads at run time',
    'shown',
    'engine/runtime/engine.test.ts',
    'says the same, once, when it is stopped and started again',
  ),
  row(
    'considering j',
    'lessons learned',
    'Versioned packs with references; backtest of a changed pack',
    'shown',
    'engine/packs/reload.test.ts',
    'a thousand reloads between activities',
  ),
  row(
    'resolves 1',
    'existing and future threats',
    'Campaigns that no rule names, shadow rules, drift of models',
    'in part',
    'engine/content/campaigns.test.ts',
    'many origins with mutated copies',
  ),
  row(
    'Study Group 17 1; TSB Director 4',
    'regular reports',
    'Scheduled reports, signed (Ed25519), the same bytes for the same inputs',
    'shown',
    study,
    'gives the same bytes',
  ),
  row(
    'Study Group 17 3; invites academia',
    'contributions and publications',
    'CSV, JSON and Parquet of pseudonymised aggregates',
    'shown',
    archive,
    'keeps no number, no address',
  ),
  row(
    'TSB Director 2',
    'volume of spam traffic',
    'Events, spam, share, per 1,000 subscribers, trend, with intervals',
    'shown',
    country,
    'holds the true volume of spam',
  ),
  row(
    'TSB Director 2',
    'types (e-mail, SMS, IP-based multimedia)',
    'By type, by X.1244 class, by category',
    'shown',
    country,
    'finds languages, types, campaigns',
  ),
  row(
    'TSB Director 2',
    'features (major routes and sources)',
    'Routes by trunk, network and country; sources by range and country; hours, campaigns, languages',
    'shown',
    country,
    'holds the true spam of routes',
  ),
  row(
    'TSB Director 2',
    'helping Member States identify routes, sources and volumes',
    'National merge that counts no event twice and hides small cells',
    'shown',
    country,
    'counts no event of two operators twice',
  ),
  row(
    'TSB Director 3',
    'cybersecurity',
    'Feeds as STIX and MISP',
    'shown',
    'engine/feeds/feeds.test.ts',
    'as STIX prefixes',
  ),
  row(
    'recognizing a–c; recognizing further a, c; Study Group 17 and Director, the rest',
    'instruments and work of ITU',
    'Addressed to ITU, not to software',
    'not applicable',
  ),
]

const recommendations: readonly Row[] = [
  row(
    'X.1231, strategy layers',
    'equipment, network, service, filtering, feedback',
    'Taps (equipment, network), decisions (service), rules (filtering), reports of subscribers (feedback)',
    'shown',
    'engine/feedback/reports.test.ts',
    'reports the sender of the message that it forwards',
  ),
  row(
    'X.1240 7.7',
    'black and white lists',
    'Lists of numbers, ranges, addresses and senders',
    'shown',
    'engine/decide/decide.test.ts',
    'blocks who is on the deny list',
  ),
  row(
    'X.1240, X.1241, the rest',
    'e-mail',
    'Metadata of e-mail comes from a filter that does this (Rspamd); the message itself is not filtered here',
    'not applicable',
  ),
  row(
    'X.1242',
    'SMS filtering by user-specified rules',
    'Lists are the operator’s; rules of single subscribers are not offered',
    'not applicable',
  ),
  row(
    'X.1243 8',
    'exchange between domains',
    'Signed feeds; the protocol of the Recommendation is not spoken',
    'by analogy',
    'engine/feeds/feeds.test.ts',
    'are given as what changed since one that is known',
  ),
  row(
    'X.1244 6, 7',
    'types and classes of IP multimedia spam',
    'The class of every verdict, and the tables of the study',
    'shown',
    country,
    'finds languages, types, campaigns',
  ),
  row(
    'X.1244 10.1',
    'identification filtering',
    'Verified caller identities (STIR/SHAKEN)',
    'shown',
    'cli/service/passport.test.ts',
    'goes to the log with who vouches for it',
  ),
  row(
    'X.1244 10.4',
    'content filtering',
    'Facts, fingerprints and a text model, where content may be inspected',
    'shown',
    'connectors/sip/observer.test.ts',
    'give their text only where the content policy',
  ),
  row(
    'X.1244 10.6',
    'network-based filtering',
    'Decisions at the proxy and the SBC',
    'shown',
    'engine/decide/decide.test.ts',
    'blocks by standing, with its reasons',
  ),
  row(
    'X.1244 10.2, 10.3, 10.5, 10.7',
    'address masking, interactive proof, key exchange, online stamp',
    'For the operator’s own elements; `challenge` asks for one',
    'not applicable',
  ),
  row(
    'X.1245 6.1–6.3',
    'source, characteristics and content analysis',
    'Every rule says which it is',
    'shown',
    'engine/packs/default.test.ts',
    'names its analysis and a reference',
  ),
  row(
    'X.1245 7',
    'core, recipient-side, sender-side and recipient functions',
    'Engine, decisions, taps of origins and subscribers’ reports',
    'by analogy',
    'engine/feedback/reports.test.ts',
    'reports the last caller',
  ),
  row(
    'X.1246 7.2.1',
    'honeypot',
    'Decoy lines; circuit-switched origin is out of scope here',
    'by analogy',
    'connectors/decoy/connector.test.ts',
    'make a probe of whoever calls them',
  ),
  row(
    'X.1246 7.2.4',
    'lists, trace back',
    'The route of every verdict and the pseudonyms of a merge say where to ask',
    'by analogy',
    country,
    'ranks routes and sources as they are',
  ),
  row(
    'X.1246 Amd.1 Annex A',
    'report right after the call',
    'Star code after a call',
    'by analogy',
    'engine/feedback/reports.test.ts',
    'reports the last caller',
  ),
  row(
    'X.1247 1',
    'explicit consent of the end user',
    'Without consent the text is dropped at the tap',
    'shown',
    'connectors/chat/connector.test.ts',
    'there is no consent',
  ),
  row(
    'X.1247 8.1',
    'feedback of users',
    'Forwarded messages (7726)',
    'shown',
    'engine/feedback/reports.test.ts',
    'reports the number that it names',
  ),
  row(
    'X.1247 9',
    'relationship between anti-spam domains',
    'Merge of studies under a shared key',
    'shown',
    country,
    'counts no event of two operators twice',
  ),
  row(
    'X.1237',
    'personal data while countering spam',
    'Keyed pseudonyms that rotate, ranges, networks, no content',
    'shown',
    archive,
    'keeps no number, no address',
  ),
  row(
    'X.1248 8.1',
    'control of the sending rate',
    'Message bursts and campaigns are found; slowing a sender down is the platform’s',
    'in part',
    'engine/features/behaviour.test.ts',
    'a text sent on to others is repeated',
  ),
  row(
    'X.1248 8.2',
    'blacklists',
    'Deny lists',
    'shown',
    'engine/decide/decide.test.ts',
    'blocks who is on the deny list',
  ),
  row('X.1248 8.3', 'authorization', 'The platform’s own', 'not applicable'),
  row(
    'X.1248 8.4',
    'registration of users',
    'Guessing and scanning of registrations',
    'in part',
    'engine/packs/attacks.test.ts',
    'guesser of passwords',
  ),
  row(
    'X.1248 8.5',
    'complaints',
    'Reports of several kinds, each weighed by who says so',
    'shown',
    'engine/feedback/reports.test.ts',
    'gives one id however often',
  ),
  row(
    'X.1248 8.6',
    'filtering',
    'Rules and the text model on messages',
    'shown',
    'engine/content/campaigns.test.ts',
    'many origins with mutated copies',
  ),
  row('X.1249', 'advertising in applications', 'No tap sees it', 'not applicable'),
  row(
    'X-series Supplement 11',
    'blocklists for VoIP spam: local and global update',
    'Reputation view (local), feeds between operators (global); other message formats',
    'by analogy',
    'engine/feeds/feeds.test.ts',
    'are given as what changed since one that is known',
  ),
  row(
    'X-series Supplement 28',
    'spoofed calls in the terminating network',
    'Asserted and claimed identity compared, unassigned and do-not-originate numbers',
    'shown',
    'engine/decide/decide.test.ts',
    'do-not-originate, unassigned numbers',
  ),
]

export const conformanceRows: readonly Row[] = [...resolution, ...recommendations]

/** Rows whose test does not exist, in words. */
export function missingTests(): readonly string[] {
  return conformanceRows.flatMap(({ clause, standing, test }) => {
    if (test === undefined) return standing === 'not applicable' ? [] : [`${clause}: no test`]
    const path = fileURLToPath(new URL(`../../../test/${test[0]}`, import.meta.url))
    if (!existsSync(path)) return [`${clause}: ${test[0]} does not exist`]
    return readFileSync(path, 'utf8').includes(test[1]) ? [] : [`${clause}: ${test[0]} has no test named '${test[1]}'`]
  })
}

/** docs/conformance.md. */
export function conformanceDocument(): string {
  const line = ({ clause, says, capability, standing, test }: Row) =>
    `| ${clause} | ${says} | ${capability} | ${standing} | ${test === undefined ? '–' : `[${test[1]}](../test/${test[0]})`} |`
  const table = (rows: readonly Row[]) =>
    ['| clause | about | capability | standing | test |', '|---|---|---|---|---|', ...rows.map(line)].join('\n')
  return `# Conformance

What each clause of WTSA Resolution 52 (Rev. Hammamet, 2016) and each ITU-T clause that this project cites comes to here, and
the test that shows it. *Shown*: the test named does. *In part*: what is missing is said. *By analogy*: the text is about another
kind of network or another protocol; the idea is the same and no conformance is claimed. *Not applicable*: nothing here does it.
Of the Recommendations only titles and scopes are relied on; no requirement text is claimed to be met. This page is generated
(\`npm run docs\`); a test holds that every test named exists.

## Resolution 52

${table(resolution)}

## ITU-T Recommendations and Supplements

${table(recommendations)}
`
}
