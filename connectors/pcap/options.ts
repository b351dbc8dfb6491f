import { type Static, Type } from '@sinclair/typebox'

/** Configuration of a capture tap. */
export const pcapSchema = Type.Object(
  {
    file: Type.String({
      default: '-',
      minLength: 1,
      description:
        'pcap or pcapng to read: - for standard input, a FIFO (as written by `tcpdump -U -w FIFO`; reopened when its writer goes), or a file',
    }),
    interface: Type.String({
      default: '',
      pattern: '^([A-Za-z0-9_.:@][A-Za-z0-9_.:@-]*)?$',
      description: 'network interface to capture from with tcpdump, instead of a file; `any` for all',
    }),
    filter: Type.String({
      default: '',
      maxLength: 4096,
      description:
        'capture filter of the interface (pcap-filter(7)), e.g. "port 5060 or ip[6:2] & 0x1fff != 0"; empty for everything',
    }),
    tcpdump: Type.String({ default: 'tcpdump', minLength: 1, description: 'the tcpdump program that captures' }),
    bufferKib: Type.Integer({
      default: 32_768,
      minimum: 64,
      maximum: 2_097_152,
      description: 'kernel buffer of the interface capture, in KiB',
    }),
    maxInflatedBytes: Type.Integer({
      default: 1_048_576,
      minimum: 1024,
      maximum: 67_108_864,
      description: 'cap on a compressed payload of HEP inside the capture once inflated',
    }),
  },
  { additionalProperties: false },
)

export type PcapOptions = Static<typeof pcapSchema>
