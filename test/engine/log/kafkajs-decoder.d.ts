/** The parts of kafkajs that read record batches and frame requests: another client's view of what we write. */

declare module 'kafkajs/src/protocol/decoder.js' {
  class Decoder {
    constructor(bytes: Buffer)
  }
  export = Decoder
}

declare module 'kafkajs/src/protocol/recordBatch/v0/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js'

  function decode(decoder: Decoder): Promise<{
    records: readonly {
      readonly key: Buffer | null
      readonly value: Buffer | null
      readonly offset: string
      readonly timestamp: string
      readonly headers: Readonly<Record<string, Buffer>>
    }[]
  }>
  export = decode
}

declare module 'kafkajs/src/protocol/request.js' {
  function createRequest(options: {
    correlationId: number
    clientId: string
    request: { apiKey: number; apiVersion: number; encode: () => Promise<object> }
  }): Promise<{ readonly buffer: Buffer }>
  export = createRequest
}
