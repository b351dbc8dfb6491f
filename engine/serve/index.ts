export { type Access, type CertificateHolder, createAccess, type TokenHolder } from './access.ts'
export type { ApiOptions } from './api.ts'
export { type AuditEntry, type AuditTrail, openAuditTrail } from './audit.ts'
export { type ApiCounters, apiCounters } from './counters.ts'
export { API_BEGIN, apiDocument } from './document.ts'
export { type HttpOptions, type HttpServer, serveHttp, type TlsTexts } from './http.ts'
export { openApiDocument } from './openapi.ts'
export { type ServeConfig, serveSchema } from './options.ts'
export { type Problem, problem } from './problem.ts'
export {
  type Answer,
  type Call,
  type Permission,
  type Principal,
  type Role,
  type Route,
  type RouteGroup,
  route,
} from './route.ts'
export { type AppealRoutes, appealRoutes } from './routes/appeals.ts'
export { auditRoutes } from './routes/audit.ts'
export { type CampaignRoutes, campaignRoutes } from './routes/campaigns.ts'
export { type DecideRoutes, decideRoutes } from './routes/decide.ts'
export { type FeedbackRoutes, feedbackRoutes } from './routes/feedback.ts'
export { type FeedRoutes, feedRoutes } from './routes/feeds.ts'
export { type ListRoutes, listRoutes } from './routes/lists.ts'
export { type PackRoutes, packRoutes } from './routes/packs.ts'
export { type PartyRoutes, partyRoutes } from './routes/parties.ts'
export { type VerdictRoutes, verdictRoutes } from './routes/verdicts.ts'
