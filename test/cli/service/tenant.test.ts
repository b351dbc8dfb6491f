import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { configSchema } from '../../../cli/config.ts'
import { startService } from '../../../cli/service/index.ts'
import type { Verdict } from '../../../engine/activity/index.ts'
import { loadConfig } from '../../../engine/config/index.ts'
import { packFolder } from '../../engine/rules/support.ts'
import { hep3 } from '../../support/hep.ts'
import { eventually } from '../../support/sockets.ts'

/** One rule that would find every call, each scoped by another part of the route. */
const rule = (symbol: string, scope: string) => `- symbol: ${symbol}
  on: call.attempt
  when: activity.from != ""
  scope: ${scope}
  score: 1
  group: lists
  category: scoped
  analysis: source
  says: { en: scoped, fr: limité }
`

const pack = () =>
  packFolder({
    'pack.yaml': 'name: operator\nversion: 1\ncategories: { scoped: { en: Scoped, fr: Limité } }\n',
    'rules/scoped.yaml': [
      rule('OF_TENANT', '{ tenant: acme }'),
      rule('OF_SITE', '{ site: [par-*] }'),
      rule('OF_TAP', '{ tap: second }'),
    ].join('\n'),
  })

/** An INVITE of `from`, as a capture agent sends it. */
function invite(from: string, timeMs: number): Buffer {
  const lines = [
    'INVITE sip:+14155550100@ims.example.net SIP/2.0',
    `Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${from.slice(1)}`,
    `From: <sip:${from}@ims.example.net>;tag=${from.slice(1)}`,
    'To: <sip:+14155550100@ims.example.net>',
    `Call-ID: ${from.slice(1)}@192.0.2.1`,
    'CSeq: 1 INVITE',
    'Content-Length: 0',
    '',
    '',
  ]
  return hep3(Buffer.from(lines.join('\r\n')), { timeMs })
}

async function send(address: string, datagram: Buffer): Promise<void> {
  const socket = createSocket('udp4')
  const port = Number(address.slice(address.lastIndexOf(':') + 1))
  await new Promise<void>((resolve, reject) =>
    socket.send(datagram, port, '127.0.0.1', error => (error === null ? resolve() : reject(error))),
  )
  socket.close()
}

test('a rule scoped by tenant, site or tap finds only what came through the taps configured so', async () => {
  const data = mkdtempSync(join(tmpdir(), 'ringfence-tenant-'))
  const verdicts: Verdict[] = []
  const text = [
    `data: ${data}`,
    'models: { enabled: false }',
    'logging: { level: silent }',
    `engine: { packs: ["${pack()}"] }`,
    'taps:',
    '  - { name: first, type: hep, listen: "udp://127.0.0.1:0", tenant: acme, site: par-1 }',
    '  - { name: second, type: hep, listen: "udp://127.0.0.1:0", tenant: other }',
    '  - { name: third, type: hep, listen: "udp://127.0.0.1:0" }',
  ].join('\n')
  const service = await startService({
    config: loadConfig(configSchema, { text, file: 'test' }),
    roles: ['tap', 'engine'],
    onVerdict: verdict => verdicts.push(verdict),
  })
  try {
    const callers = { first: '+33612345601', second: '+33612345602', third: '+33612345603' }
    for (const [tap, from] of Object.entries(callers)) await send(service.taps.get(tap)!, invite(from, Date.now()))
    await eventually('three calls are judged', () => verdicts.length >= 3)
    const foundFor = (party: string): string[] =>
      verdicts
        .filter(verdict => verdict.party === party)
        .flatMap(verdict => verdict.reasons.map(({ symbol }) => symbol))
        .filter(symbol => symbol.startsWith('OF_'))
        .sort()
    assert.deepEqual(foundFor(callers.first), ['OF_SITE', 'OF_TENANT'])
    assert.deepEqual(foundFor(callers.second), ['OF_TAP'])
    assert.deepEqual(foundFor(callers.third), [])
  } finally {
    await service.close()
    rmSync(data, { recursive: true, force: true })
  }
})
