import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Pace {
  readonly url: string
  readonly path: string
  readonly token: string
  readonly bodies: readonly string[]
  /** Requests that fall due in a second, evenly spread. */
  readonly perSecond: number
  readonly seconds: number
  /** Sent before at the same rate and not counted: code gets compiled, connections are opened. */
  readonly warmUpSeconds: number
  /** Keep-alive connections, one request at a time on each. */
  readonly connections: number
}

export interface Paced {
  /** Milliseconds of each counted request from the moment the sender saw that it was due to the last byte of its answer. */
  readonly times: Float64Array
  /** How late the sender saw that, for the same requests: it shares the machine with what it measures. */
  readonly late: Float64Array
  /** Answers other than 200. */
  readonly refused: number
}

/** A keep-alive connection that is idle, or waits for one answer. */
interface Line {
  readonly socket: Socket
  seenMs: number
  index: number
  received: Buffer
}

const TICK_MS = 1
const GRACE_MS = 5_000

/**
 * Asks at a steady pace whatever the answers do (an open loop): a request that finds no free connection waits for one while
 * its time runs, so that a stall is seen by all requests that fell into it. autocannon's own `overallRate` sends each
 * second's requests at full speed and then rests, which is not half of the load.
 */
export async function pace(options: Pace): Promise<Paced> {
  const { perSecond, seconds, warmUpSeconds } = options
  const first = Math.round(perSecond * warmUpSeconds)
  const total = first + Math.round(perSecond * seconds)
  const [times, late] = [new Float64Array(total - first), new Float64Array(total - first)]
  const seenMs = new Float64Array(total)
  let startMs = Number.POSITIVE_INFINITY
  const dueAt = (index: number) => startMs + (index * 1000) / perSecond
  const requests = options.bodies.map(body => requestOf(options, body))
  const idle: Line[] = []
  let [seen, sent, answered, refused, failed] = [0, 0, 0, 0, '']

  function take(line: Line, chunk: Buffer): void {
    line.received = line.received.length === 0 ? chunk : Buffer.concat([line.received, chunk])
    const length = lengthOf(line.received)
    if (length === undefined || line.received.length < length) return
    if (line.index >= first) times[line.index - first] = performance.now() - line.seenMs
    if (line.received.toString('latin1', 9, 12) !== '200') refused++
    line.received = Buffer.alloc(0)
    answered++
    idle.push(line)
    send()
  }

  /** Sends what is due, as far as connections are free. */
  function send(): void {
    const nowMs = performance.now()
    for (; seen < total && dueAt(seen) <= nowMs; seen++) {
      seenMs[seen] = nowMs
      if (seen >= first) late[seen - first] = nowMs - dueAt(seen)
    }
    for (; sent < seen && idle.length > 0; sent++) {
      const line = idle.pop()!
      line.index = sent
      line.seenMs = seenMs[sent]!
      line.socket.write(requests[sent % requests.length]!)
    }
  }

  const lines = await Promise.all(
    Array.from({ length: options.connections }, async (): Promise<Line> => {
      const line = { socket: await open(options.url), seenMs: 0, index: 0, received: Buffer.alloc(0) }
      line.socket.on('data', chunk => take(line, chunk))
      line.socket.on('close', () => {
        failed ||= answered < total ? 'a connection was closed' : ''
      })
      return line
    }),
  )
  idle.push(...lines)
  startMs = performance.now() + 10
  while (sent < total && failed === '' && performance.now() < dueAt(total) + GRACE_MS) {
    send()
    await sleep(TICK_MS)
  }
  for (const end = performance.now() + GRACE_MS; answered < total && performance.now() < end; ) await sleep(10)
  if (answered < total) failed ||= `${total - answered} requests were not answered`
  for (const { socket } of lines) socket.destroy()
  if (failed !== '') throw new Error(`pace: ${failed}`)
  return { times, late, refused }
}

function requestOf({ url, path, token }: Pace, body: string): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** Bytes of the whole answer, undefined while its head is incomplete. */
function lengthOf(received: Buffer): number | undefined {
  const head = received.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const length = /\r\ncontent-length: (\d+)/i.exec(received.toString('latin1', 0, head))?.[1]
  return head + 4 + Number(length ?? 0)
}

function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}
