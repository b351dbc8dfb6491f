import { RingfenceError } from '../../engine/errors/index.ts'

/** Where to listen and how. */
export interface Listen {
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly host: string
  readonly port: number
}

/**
 * Reads `udp://host:port`, `tcp://host:port` or `tls://host:port`; IPv6 hosts in brackets, port 0 for any free one.
 * @throws RingfenceError CONFIG_INVALID
 */
export function parseListen(url: string): Listen {
  const match = /^(udp|tcp|tls):\/\/(\[[0-9a-fA-F:.]+\]|[^[\]:/]+):(\d{1,5})$/.exec(url)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) {
    throw new RingfenceError('CONFIG_INVALID', `listen: "${url}" is no listening address`, {
      hint: 'valid: udp://0.0.0.0:9060, tcp://[::]:9060, tls://0.0.0.0:9061',
    })
  }
  const host = match[2]!.startsWith('[') ? match[2]!.slice(1, -1) : match[2]!
  return { transport: match[1] as Listen['transport'], host, port }
}

/** The same, written out again with the port that was bound. */
export function formatListen({ transport, host }: Listen, port: number): string {
  return `${transport}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
