import { type Invitation, Registerer, RegistererState, SessionState, UserAgent } from 'sip.js'
import { messageOf } from '../../engine/errors/index.ts'
import type { Logger } from '../../engine/observe/index.ts'
import type { DecoyOptions, LineOptions } from './options.ts'
import { WebSocketTransport, type WebSocketTransportOptions } from './transport.ts'

/** A registered decoy line. */
export interface Line {
  readonly isRegistered: () => boolean
  /** Ends what rings, gives the registration back where the registrar answers in time, closes the connection. */
  close(): Promise<void>
}

export interface LineHost {
  /** A request of the network reached the line: the bytes of an INVITE or MESSAGE as received. */
  hit(request: string): void
  /** The registrar refused the registration or the connection was lost. */
  lost(reason: 'registration-refused' | 'connection-lost'): void
  readonly logger: Logger
}

const FIRST_RETRY_MS = 500
/** A registrar that does not answer must not hold up the shutdown. */
const FAREWELL_MS = 1500

/**
 * Registers a line with sip.js and keeps it registered: a lost connection or a refused registration is tried again after
 * a wait that doubles. Calls ring and are refused, messages are accepted; nothing is ever answered or said.
 */
export function openLine(line: LineOptions, options: DecoyOptions, ca: string | undefined, host: LineHost): Line {
  const { logger } = host
  const ringing = new Map<Invitation, NodeJS.Timeout>()
  let isClosing = false
  let retry: NodeJS.Timeout | undefined
  let waitMs = FIRST_RETRY_MS

  const uri = UserAgent.makeURI(`sip:${line.user}@${options.domain}`)
  const transportOptions: WebSocketTransportOptions = { server: options.server, ca }
  const agent = new UserAgent({
    ...(uri === undefined ? {} : { uri }),
    authorizationUsername: line.username ?? line.user,
    authorizationPassword: line.password,
    transportConstructor: WebSocketTransport,
    transportOptions,
    logBuiltinEnabled: false,
    userAgentString: 'SIP phone',
    delegate: {
      onInvite: onCall,
      onMessage(message) {
        host.hit(message.request.data)
        message.accept().catch(ignore)
      },
      onDisconnect() {
        if (isClosing) return
        host.lost('connection-lost')
        later()
      },
    },
  })
  const registerer = new Registerer(agent, { expires: options.expiresSeconds })
  registerer.stateChange.addListener(state => {
    if (state === RegistererState.Registered) waitMs = FIRST_RETRY_MS
  })

  function onCall(invitation: Invitation): void {
    host.hit(invitation.request.data)
    if (options.ringSeconds === 0 || ringing.size >= options.maxRinging) {
      refuse(invitation)
      return
    }
    invitation.progress().catch(ignore)
    ringing.set(
      invitation,
      setTimeout(() => refuse(invitation), options.ringSeconds * 1000),
    )
    invitation.stateChange.addListener(state => {
      if (state === SessionState.Terminated) forget(invitation)
    })
  }

  function forget(invitation: Invitation): void {
    clearTimeout(ringing.get(invitation))
    ringing.delete(invitation)
  }

  function refuse(invitation: Invitation): void {
    forget(invitation)
    const { state } = invitation
    if (state !== SessionState.Initial && state !== SessionState.Establishing) return
    invitation.reject({ statusCode: options.refuseStatus }).catch(ignore)
  }

  /** sip.js rejects what the peer has ended meanwhile: a caller that hangs up first is no error. */
  function ignore(error: unknown): void {
    logger.debug({ line: line.name, error: messageOf(error) }, 'decoy line')
  }

  function later(): void {
    if (isClosing || retry !== undefined) return
    retry = setTimeout(() => {
      retry = undefined
      register().catch(ignore)
    }, waitMs)
    retry.unref()
    waitMs = Math.min(waitMs * 2, options.retrySeconds * 1000)
  }

  async function register(): Promise<void> {
    try {
      if (!agent.isConnected()) await (agent.state === 'Started' ? agent.reconnect() : agent.start())
      await registerer.register({
        requestDelegate: {
          onReject(response) {
            host.lost('registration-refused')
            logger.warn({ line: line.name, status: response.message.statusCode }, 'decoy line could not register')
            later()
          },
        },
      })
    } catch (error) {
      logger.warn({ line: line.name, error: messageOf(error) }, 'decoy line could not connect')
      later()
    }
  }

  register().catch(ignore)
  return {
    isRegistered: () => registerer.state === RegistererState.Registered,
    async close() {
      isClosing = true
      clearTimeout(retry)
      for (const invitation of [...ringing.keys()]) refuse(invitation)
      let farewell: NodeJS.Timeout | undefined
      const enough = new Promise<void>(resolve => {
        farewell = setTimeout(resolve, FAREWELL_MS)
      })
      const stopped = agent.isConnected() ? agent.stop().catch(ignore) : Promise.resolve()
      await Promise.race([stopped, enough])
      clearTimeout(farewell)
      await agent.transport.dispose().catch(ignore)
    },
  }
}
