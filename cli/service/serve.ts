import { messageOf } from '../../engine/errors/index.ts'
import { type HttpServer, serveHttp } from '../../engine/serve/index.ts'
import { openArchive } from '../archive.ts'
import type { Ground } from './ground.ts'

/**
 * Opens what the `serve` role offers: the archive when it has a place, and HTTP.
 * @param notReady what keeps this process from being ready, in words; none when it is
 * @throws RingfenceError of whatever could not be opened
 */
export async function openServe(ground: Ground, notReady: () => readonly string[]): Promise<HttpServer> {
  const { config, roles, log, logger, metrics, opened } = ground
  if (config.archive.path !== '') {
    const archive = await openArchive(config, { log, logger, metrics, roles, retentionDays: 365 })
    archive.ended.catch((error: unknown) => logger.error({ reason: messageOf(error) }, 'the archive has stopped'))
    opened.push(archive.close)
  }
  const http = await serveHttp({ listen: config.serve.listen, metrics, notReady })
  opened.push(http.close)
  return http
}
