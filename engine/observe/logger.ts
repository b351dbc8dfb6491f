/** Structured log lines; the implementation is pino, rate-limited. Numbers and addresses of parties are never logged. */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  child(fields: LogFields): Logger
}
export type LogFields = Readonly<Record<string, unknown>>
