import { EmitterImpl, type Transport, TransportState } from 'sip.js'
import { WebSocket } from 'ws'

export interface WebSocketTransportOptions {
  readonly server: string
  /** PEM authority for a server with a certificate of its own. */
  readonly ca: string | undefined
}

const CONNECT_MS = 10_000
/** A message over WebSocket is at most this long (as reference traffic shows), and what is longer is cut off by `ws`. */
const MAX_FRAME = 65_535

/**
 * sip.js's transport over `ws`: its own wants a browser's WebSocket, which Node 20 has not. A class because sip.js makes
 * one with `new`.
 */
export class WebSocketTransport implements Transport {
  readonly protocol: string
  readonly stateChange = new EmitterImpl<TransportState>()
  onConnect: (() => void) | undefined
  onDisconnect: ((error?: Error) => void) | undefined
  onMessage: ((message: string) => void) | undefined
  state: TransportState = TransportState.Disconnected
  readonly #options: WebSocketTransportOptions
  #socket: WebSocket | undefined

  constructor(_logger: unknown, options: WebSocketTransportOptions) {
    this.#options = options
    this.protocol = options.server.startsWith('wss:') ? 'WSS' : 'WS'
  }

  isConnected(): boolean {
    return this.state === TransportState.Connected
  }

  connect(): Promise<void> {
    if (this.isConnected()) return Promise.resolve()
    this.#become(TransportState.Connecting)
    const { server, ca } = this.#options
    const socket = new WebSocket(server, ['sip'], {
      handshakeTimeout: CONNECT_MS,
      maxPayload: MAX_FRAME,
      perMessageDeflate: false,
      ...(ca === undefined ? {} : { ca }),
    })
    this.#socket = socket
    return new Promise((resolve, reject) => {
      let failure: Error | undefined
      socket.on('open', () => {
        this.#become(TransportState.Connected)
        resolve()
        this.onConnect?.()
      })
      socket.on('message', data => this.onMessage?.(String(data)))
      socket.on('error', error => {
        failure = error
      })
      socket.on('close', () => {
        const wasConnected = this.isConnected()
        if (this.#socket === socket) {
          this.#socket = undefined
          this.#become(TransportState.Disconnected)
        }
        reject(failure ?? new Error('closed before it was open'))
        if (wasConnected) this.onDisconnect?.(failure ?? new Error('connection closed'))
      })
    })
  }

  async disconnect(): Promise<void> {
    const socket = this.#socket
    if (socket === undefined) return
    this.#become(TransportState.Disconnecting)
    await new Promise<void>(resolve => {
      socket.once('close', () => resolve())
      if (socket.readyState === socket.OPEN) socket.close(1000)
      else socket.terminate()
    })
  }

  async dispose(): Promise<void> {
    await this.disconnect()
    this.stateChange.removeAllListeners()
  }

  send(message: string): Promise<void> {
    const socket = this.#socket
    if (socket === undefined || !this.isConnected()) return Promise.reject(new Error('not connected'))
    return new Promise((resolve, reject) => {
      socket.send(message, error => (error ? reject(error) : resolve()))
    })
  }

  #become(state: TransportState): void {
    if (this.state === state) return
    this.state = state
    this.stateChange.emit(state)
  }
}
