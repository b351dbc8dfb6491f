import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'

export interface ProxyOptions {
  readonly host: string
  readonly port: number
  readonly upstreamHost: string
  readonly upstreamPort: number
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
  refused(reason: 'too many connections' | 'upstream unreachable', error?: unknown): void
}

export interface Proxy {
  readonly address: string
  readonly connections: number
  close(): Promise<void>
}

const PROBES = { keepAlive: true, keepAliveInitialDelay: 60_000 }

/**
 * A TCP proxy that forwards every octet unchanged and in order, and only then shows it to a watcher. Each chunk is written to
 * the other side before anything looks at it; a slow receiver pauses its sender; ends and resets are passed on.
 * @throws RingfenceError LISTEN_FAILED when the port cannot be had
 */
export async function openProxy(options: ProxyOptions, sink: ProxySink): Promise<Proxy> {
  const open = new Set<Socket>()
  // Half-open connections stay half open: an ESME may end its side and wait for the last responses.
  // Keep-alive probes end connections whose other side vanished without a word.
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true, ...PROBES }, client => {
    if (open.size >= options.maxConnections * 2) {
      sink.refused('too many connections')
      client.destroy()
      return
    }
    const upstream = dial({
      host: options.upstreamHost,
      port: options.upstreamPort,
      allowHalfOpen: true,
      noDelay: true,
      ...PROBES,
    })
    joinSockets(client, upstream, open, sink)
  })
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
  upstream.once('error', error => {
    if (upstream.bytesRead === 0 && upstream.bytesWritten === 0) sink.refused('upstream unreachable', error)
  })
  forward(client, upstream, true)
  forward(upstream, client, false)
  // Attaching 'data' does not restart a socket that was paused on accepting: nothing is read before there is a place for it.
  client.pause()
  upstream.once('connect', () => client.resume())
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
