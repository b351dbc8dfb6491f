import { exposeCertificates, type NamedCertificate } from '../../engine/observe/index.ts'
import { type HttpServer, serveHttp } from '../../engine/serve/index.ts'
import type { Ground } from './ground.ts'

/**
 * Metrics and health of a process without the serve role, when `metrics.listen` says where.
 * @throws RingfenceError LISTEN_FAILED, CONFIG_INVALID
 */
export async function openHealth(ground: Ground, notReady: () => readonly string[]): Promise<HttpServer | undefined> {
  const { config, metrics, opened } = ground
  if (config.metrics.listen === '') return undefined
  const http = await serveHttp({ listen: config.metrics.listen, metrics, notReady })
  opened.push(http.close)
  return http
}

/** Shows when the certificates end that this process presents. */
export function watchCertificates({ config, roles, metrics }: Ground): void {
  const ofTaps = roles.includes('tap')
    ? config.taps.flatMap(tap =>
        'certFile' in tap && typeof tap.certFile === 'string' ? [{ name: tap.name, file: tap.certFile }] : [],
      )
    : []
  const all: NamedCertificate[] = [...ofTaps]
  if (roles.includes('serve')) all.push({ name: 'serve', file: config.serve.tls.certFile })
  exposeCertificates(
    metrics,
    all.filter(({ file }) => file !== ''),
  )
}
