import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Paced } from './pace.ts'

export interface SipPace {
  /** `HOST:PORT` of the redirect server, over UDP. */
  readonly remote: string
  /** Origins and targets, as numbers. */
  readonly calls: readonly { readonly from: string; readonly to: string }[]
  readonly perSecond: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

const TICK_MS = 1
const GRACE_MS = 2_000

/**
 * Sends INVITEs at a steady pace and acknowledges what is answered, each in one datagram and never again. SIPp's clock has
 * steps of 4 ms (one tick of the kernel), so what lies below is measured here. `refused` are those without an answer.
 */
export async function paceSip({ remote, calls, perSecond, seconds, warmUpSeconds }: SipPace): Promise<Paced> {
  const [host = '', port = ''] = remote.split(':')
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4_194_304 })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.connect(Number(port), host)
  await once(socket, 'connect')
  const via = `127.0.0.1:${socket.address().port}`

  const first = Math.round(perSecond * warmUpSeconds)
  const total = first + Math.round(perSecond * seconds)
  const [times, late] = [new Float64Array(total - first), new Float64Array(total - first)]
  const startMs = performance.now() + 10
  const dueAt = (index: number) => startMs + (index * 1000) / perSecond
  const sentMs = new Float64Array(total)
  let answered = 0
  socket.on('message', bytes => {
    const nowMs = performance.now()
    const text = bytes.toString('latin1')
    const index = Number(/\r\nCall-ID: p(\d+)@/.exec(text)?.[1])
    if (index >= first) times[index - first] = nowMs - sentMs[index]!
    answered++
    socket.send(request('ACK', calls[index % calls.length]!, index, via, /\r\nTo: ([^\r]*)/.exec(text)?.[1]))
  })
  for (let index = 0; index < total; await sleep(TICK_MS)) {
    for (const nowMs = performance.now(); index < total && dueAt(index) <= nowMs; index++) {
      sentMs[index] = performance.now()
      if (index >= first) late[index - first] = sentMs[index]! - dueAt(index)
      socket.send(request('INVITE', calls[index % calls.length]!, index, via, undefined))
    }
  }
  for (const end = performance.now() + GRACE_MS; answered < total && performance.now() < end; ) await sleep(10)
  socket.close()
  // No answer is an endless delay, so that no percentile leaves it out.
  for (let i = 0; i < times.length; i++) if (times[i] === 0) times[i] = Number.POSITIVE_INFINITY
  return { times, late, refused: total - answered }
}

function request(
  method: 'INVITE' | 'ACK',
  { from, to }: SipPace['calls'][number],
  index: number,
  via: string,
  answeredTo: string | undefined,
): string {
  return [
    `${method} sip:${to}@ims.example;user=phone SIP/2.0`,
    `Via: SIP/2.0/UDP ${via};branch=z9hG4bKp${index}`,
    'Max-Forwards: 70',
    `From: "Bench" <sip:${from}@ims.example>;tag=b${index}`,
    `To: ${answeredTo ?? `<sip:${to}@ims.example;user=phone>`}`,
    `Call-ID: p${index}@127.0.0.1`,
    `CSeq: 1 ${method}`,
    ...(method === 'INVITE' ? [`Contact: <sip:caller@${via}>`] : []),
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}
