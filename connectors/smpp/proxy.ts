import { createServer, connect as dial, isIP, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, connect as dialTls, TLSSocket } from 'node:tls'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { readAuthority, readTls, type TlsOptions } from '../tls/index.ts'

export interface ProxyOptions extends TlsOptions {
  readonly host: string
  readonly port: number
  readonly upstreamHost: string
  readonly upstreamPort: number
  readonly upstreamTls: boolean
  readonly upstreamCaFile: string
  readonly maxConnections: number
}

/** What looks on at one proxied connection. Whatever it throws is caught: nothing of it reaches the traffic. */
export interface ProxyWatcher {
  data(fromClient: boolean, bytes: Buffer): void
  closed(): void
}

export interface ProxySink {
  /** A client has come: `client` and `server` are the two ends of its connection, as `address:port`. */
  watch(client: string, server: string): ProxyWatcher
  /** The watcher threw; from here on this connection is only forwarded. */
  watcherFailed(error: unknown): void
  refused(reason: 'too many connections' | 'upstream unreachable' | 'tls-handshake', error?: unknown): void
}

export interface Proxy {
  readonly address: string
  readonly connections: number
  close(): Promise<void>
}

/**
 * Half-open connections stay half open: an ESME may end its side and wait for the last responses. Keep-alive probes end
 * connections whose other side vanished without a word.
 */
const LASTING = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }

/**
 * A TCP proxy that forwards every octet unchanged and in order, and only then shows it to a watcher. Each chunk is written to
 * the other side before anything looks at it; a slow receiver pauses its sender; ends and resets are passed on.
 * @throws RingfenceError LISTEN_FAILED when the port cannot be had
 */
export async function openProxy(options: ProxyOptions, sink: ProxySink): Promise<Proxy> {
  const open = new Set<Socket>()
  const connectUpstream = upstreamDialler(options)
  const accept = (client: Socket) => {
    if (open.size >= options.maxConnections * 2) {
      sink.refused('too many connections')
      client.destroy()
      return
    }
    joinSockets(client, connectUpstream(), open, sink)
  }
  const server =
    options.certFile === ''
      ? createServer({ ...LASTING, pauseOnConnect: true }, accept)
      : createTlsServer({ ...LASTING, ...readTls(options) }, accept)
  server.on('tlsClientError', error => sink.refused('tls-handshake', error))
  await listen(server, options)
  return {
    get address() {
      const bound = server.address()
      return bound === null || typeof bound === 'string' ? '' : `${bound.address}:${bound.port}`
    },
    get connections() {
      return open.size / 2
    },
    async close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

/** Opens connections to the SMSC; files are read once. @throws RingfenceError CONFIG_INVALID for an unreadable authority */
function upstreamDialler(options: ProxyOptions): () => Socket {
  const { upstreamHost: host, upstreamPort: port, upstreamTls, upstreamCaFile } = options
  if (!upstreamTls) return () => dial({ host, port, ...LASTING })
  // A TLS socket must learn the name that the SMSC's certificate is for; an address is no server name (RFC 6066 §3).
  const servername = isIP(host) === 0 ? { servername: host } : {}
  const authority = readAuthority('upstreamCaFile', upstreamCaFile)
  return () => dialTls({ host, port, ...LASTING, ...servername, ...authority })
}

function joinSockets(client: Socket, upstream: Socket, open: Set<Socket>, sink: ProxySink): void {
  open.add(client)
  open.add(upstream)
  const watcher = guarded(client, sink)
  const forward = (from: Socket, to: Socket, fromClient: boolean) => {
    from.on('data', (bytes: Buffer) => {
      if (!to.write(bytes)) from.pause()
      watcher.data(fromClient, bytes)
    })
    to.on('drain', () => from.resume())
    from.on('end', () => to.end())
    // 'close' follows and does what there is to do.
    from.on('error', () => {})
    from.on('close', () => {
      open.delete(from)
      // Reset, or closed on both sides: the other side goes too, once what was written to it is out.
      to.destroySoon()
      if (!open.has(to)) watcher.closed()
    })
  }
  let reached = false
  upstream.once('error', error => {
    if (!reached) sink.refused('upstream unreachable', error)
  })
  forward(client, upstream, true)
  forward(upstream, client, false)
  // Attaching 'data' does not restart a socket that was paused on accepting: nothing is read before there is a place for it.
  client.pause()
  upstream.once(upstream instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
    reached = true
    client.resume()
  })
}

/** The watcher of a connection behind a guard: its first failure is its last. */
function guarded(client: Socket, sink: ProxySink): ProxyWatcher {
  let watcher: ProxyWatcher | undefined
  const attempt = (step: () => void) => {
    try {
      step()
    } catch (error) {
      watcher = undefined
      sink.watcherFailed(error)
    }
  }
  attempt(() => {
    watcher = sink.watch(
      endpoint(client.remoteAddress, client.remotePort),
      endpoint(client.localAddress, client.localPort),
    )
  })
  return {
    data: (fromClient, bytes) => attempt(() => watcher?.data(fromClient, bytes)),
    closed: () => attempt(() => watcher?.closed()),
  }
}

/** IPv4 in IPv6 (`::ffff:…`) is written as the IPv4 address that a capture shows. */
function endpoint(address: string | undefined, port: number | undefined): string {
  return `${(address ?? '').replace(/^::ffff:/, '')}:${port ?? 0}`
}

function listen(server: Server, options: ProxyOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      const place = `${options.host}:${options.port}`
      const hint = 'another process may hold the port'
      reject(
        new RingfenceError('LISTEN_FAILED', `cannot listen on ${place}: ${messageOf(error)}`, { cause: error, hint }),
      )
    })
    server.listen(options.port, options.host, () => resolve())
  })
}
