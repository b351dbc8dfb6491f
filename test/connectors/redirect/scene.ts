import {
  type Ask,
  createResponder,
  type RedirectAnswer,
  type RedirectOptions,
  type RedirectQuestion,
} from '../../../connectors/redirect/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'

const identity = createIdentity({ defaultCountry: 'FR' })

export const defaults: RedirectOptions = {
  listen: [],
  peers: ['127.0.0.0/8'],
  pass: '302',
  nextHop: '',
  block: '603',
  divertTo: '',
  challengeTo: '',
  label: '',
  verstat: false,
  language: 'en',
  contact: '',
  peerHeader: '',
  marker: false,
  secret: 'test',
  maxDiversions: 10,
  maxMessageBytes: 16_384,
  maxConnections: 8,
}

export const says = { en: 'Dials many numbers', fr: 'Compose de nombreux numéros' }
export const answerOf = (action: RedirectAnswer['action'], score = 14): RedirectAnswer => ({
  action,
  score,
  category: 'robocall',
  reasons: [{ symbol: 'ROBOCALL', says }],
})

export interface ResponderScene {
  /** The response as text one character a byte, undefined when there is none. */
  send(request: string, address?: string, port?: number): string | undefined
  readonly questions: RedirectQuestion[]
  readonly answered: string[]
  readonly dropped: string[]
  readonly absorbed: string[]
  retransmitted: number
  answer: RedirectAnswer | Error
  readonly clock: { ms: number }
  card?: string
}

/** A responder whose decisions the test sets, with everything that it counts. */
export function responder(options: Partial<RedirectOptions> = {}, card?: string): ResponderScene {
  const clock = { ms: 0 }
  const ask: Ask = question => {
    scene.questions.push(question)
    if (scene.answer instanceof Error) throw scene.answer
    return scene.answer
  }
  const respond = createResponder(
    { ...defaults, ...options },
    {
      ask,
      identity,
      card: card === undefined ? undefined : party => `${card}?ticket=${party.slice(1)}`,
      now: () => clock.ms,
      counters: {
        answered: (status, action) => scene.answered.push(`${status} ${action}`),
        retransmitted: () => scene.retransmitted++,
        absorbed: method => scene.absorbed.push(method),
        dropped: reason => scene.dropped.push(reason),
      },
    },
  )
  const scene: ResponderScene = {
    questions: [],
    answered: [],
    dropped: [],
    absorbed: [],
    retransmitted: 0,
    answer: answerOf('allow', 0),
    clock,
    send(request, address = '192.0.2.1', port = 5080) {
      const bytes = Buffer.from(request, 'latin1')
      const response = respond(bytes, 0, bytes.length, address, port)
      if (response instanceof Promise) throw new Error('nothing is to be verified here')
      return response?.bytes.toString('latin1')
    },
  }
  return scene
}

/** An INVITE; `headers` replace or add, a value of undefined leaves one out. */
export function invite(
  headers: Readonly<Record<string, string | undefined>> = {},
  uri = 'sip:+33187654321@ims.example',
): string {
  const { method = 'INVITE', ...more } = headers
  const all: Record<string, string | undefined> = {
    Via: 'SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1',
    'Max-Forwards': '70',
    From: '"Robo" <sip:+33162000001@ims.example;user=phone>;tag=f1',
    To: '<sip:+33187654321@ims.example>',
    'Call-ID': 'call-1@192.0.2.1',
    CSeq: `1 ${method}`,
    Contact: '<sip:robo@192.0.2.1:5080>',
    ...more,
  }
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return [`${method} ${uri} SIP/2.0`, ...lines, 'Content-Length: 0', '', ''].join('\r\n')
}

/** Header values of a response by name, in order. */
export function headersOf(response: string | undefined): Map<string, string[]> {
  const headers = new Map<string, string[]>()
  for (const line of (response ?? '').split('\r\n').slice(1)) {
    if (line === '') break
    const colon = line.indexOf(': ')
    const name = line.slice(0, colon)
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 2)])
  }
  return headers
}

export const statusOf = (response: string | undefined) => Number(response?.slice(8, 11) ?? 0)
