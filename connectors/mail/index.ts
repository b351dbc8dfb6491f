export { type ArfOptions, arfConnector } from './arf.ts'
export { type AbuseReport, readReport } from './report.ts'
export { type RspamdOptions, rspamdConnector } from './rspamd.ts'
