import { readFileSync } from 'node:fs'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { countDrop } from '../../engine/observe/index.ts'
import type { Connector, Tap, TapContext } from '../connector.ts'
import type { Envelope } from '../signal.ts'
import { createDecoyReader } from '../sip/index.ts'
import { type DecoyOptions, decoySchema } from './options.ts'

/**
 * Decoy lines (a honeypot, ITU-T X.1246 by analogy): numbers that were never given to anybody, registered as phones are.
 * Whoever calls or messages one is dialling through a range or a list that nobody consented to: a `probe` that names it.
 */
export const decoyConnector: Connector<typeof decoySchema> = {
  type: 'decoy',
  summary: 'Decoy lines: unassigned numbers registered over SIP-WebSocket; who reaches one is a probe',
  schema: decoySchema,
  open,
}

async function open(options: DecoyOptions, context: TapContext): Promise<Tap> {
  const { counters, identity } = context
  const read = createDecoyReader(context.name, context.site, identity, context.sip)
  const ca = caOf(options)
  const server = new URL(options.server)
  // sip.js costs 150 ms to load: only who has decoys pays for it.
  const { openLine } = await import('./line.ts')
  const lines = options.lines.map(line => {
    const decoy = {
      name: line.name,
      party: identity.ofUser(line.user, options.domain),
      uri: `sip:${line.user}@${options.domain}`,
    }
    return openLine(line, options, ca, {
      logger: context.logger,
      lost: reason => countDrop(counters, reason),
      hit(request) {
        const bytes = Buffer.from(request)
        counters.received++
        counters.bytes += bytes.length
        const probe = read(bytes, envelopeAt(context.now(), server), decoy)
        if (probe === undefined) {
          countDrop(counters, 'sip-without-dialog')
          return
        }
        counters.decoded++
        counters.activities++
        context.emit(probe)
      },
    })
  })
  return {
    address: options.server,
    finished: new Promise(() => {}),
    async close() {
      await Promise.all(lines.map(line => line.close()))
    },
  }
}

function caOf(options: DecoyOptions): string | undefined {
  if (options.caFile === '') return undefined
  try {
    return readFileSync(options.caFile, 'utf8')
  } catch (error) {
    throw new RingfenceError('CONFIG_INVALID', `decoy caFile: ${messageOf(error)}`, { cause: error })
  }
}

/** All that a line sees comes from its proxy. */
function envelopeAt(timeMs: number, server: URL): Envelope {
  return {
    timeMs,
    source: server.hostname.replace(/^\[|\]$/g, ''),
    sourcePort: Number(server.port),
    destination: '',
    destinationPort: 0,
    transport: server.protocol === 'wss:' ? 'wss' : 'ws',
    correlationId: '',
  }
}
