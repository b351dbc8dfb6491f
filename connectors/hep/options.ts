import { type Static, Type } from '@sinclair/typebox'
import { tlsOptions } from '../tls/index.ts'

/** Configuration of a HEP tap. */
export const hepSchema = Type.Object(
  {
    listen: Type.String({
      default: 'udp://0.0.0.0:9060',
      pattern: '^((udp|tcp|tls)://[^ ]+:[0-9]{1,5} *)+$',
      description:
        'where capture agents send to: udp://host:port, tcp://host:port, tls://host:port; several are separated by spaces',
    }),
    keys: Type.Array(
      Type.Object(
        {
          source: Type.String({ description: 'address or CIDR block of the capture agent, * for any' }),
          key: Type.String({ minLength: 1, description: 'authentication key (chunk 0x0e) that it must send' }),
        },
        { additionalProperties: false },
      ),
      {
        default: [],
        description:
          'authentication keys; once there is one, a source that no entry covers is refused. HEPv1 and v2 carry none',
      },
    ),
    ...tlsOptions,
    recvBufferSize: Type.Integer({
      default: 33_554_432,
      minimum: 65_536,
      maximum: 1_073_741_824,
      description: 'bytes of the kernel buffer of each UDP socket; needs net.core.rmem_max as large',
    }),
    threads: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 64,
      description:
        "threads that receive for each UDP address, so that the tap has its core to itself; 0 receives on the tap's own. More than one an address needs Node 23.1; before, list several addresses",
    }),
    maxInflatedBytes: Type.Integer({
      default: 1_048_576,
      minimum: 1024,
      maximum: 67_108_864,
      description: 'cap on a compressed payload once inflated',
    }),
    maxConnections: Type.Integer({
      default: 1024,
      minimum: 1,
      maximum: 65_536,
      description: 'TCP and TLS connections at once',
    }),
    idleSeconds: Type.Integer({
      default: 3600,
      minimum: 1,
      maximum: 604_800,
      description: 'a TCP or TLS connection silent for this long is closed',
    }),
    maxAheadSeconds: Type.Integer({
      default: 60,
      minimum: 1,
      maximum: 31_536_000,
      description: 'a capture clock further ahead than this is not believed: the time of receipt is taken',
    }),
  },
  { additionalProperties: false },
)

export type HepOptions = Static<typeof hepSchema>
