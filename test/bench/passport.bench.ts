import { createPublicKey } from 'node:crypto'
import { compactVerify } from 'jose'
import { createWorld, identity, NOW_MS, request } from '../engine/passport/world.ts'

const TOKENS = 2000
const CONCURRENT = 64

/**
 * Verifications a second of distinct tokens under one remembered certificate, the signature check of jose alone over the same
 * tokens as the peer, and answers out of memory.
 */
export async function passportBench(): Promise<Record<string, unknown>> {
  const world = await createWorld()
  try {
    const x5u = world.publish(world.operator.pem + world.middle.pem)
    const headers: string[] = []
    for (let i = 0; i < TOKENS; i++)
      headers.push(await identity(world, { x5u, claims: { iat: Math.floor(NOW_MS / 1000) - 1, serial: i } }))
    const verifier = world.verifier({ maxPending: TOKENS })
    await verifier.verify([headers[0]!], request())
    const fresh = await rate(headers.slice(1), async header => {
      const { status } = await verifier.verify([header], request())
      if (status !== 'verified') throw new Error(status)
    })
    const remembered = await rate(headers.slice(1), async header => {
      await verifier.verify([header], request())
    })
    const key = createPublicKey(world.operator.pem)
    const jose = await rate(headers.slice(1), async header => {
      await compactVerify(header.split(';')[0]!, key, { algorithms: ['ES256'] })
    })
    return {
      unit: 'verifications/s',
      fresh: Math.round(fresh),
      remembered: Math.round(remembered),
      joseAlone: Math.round(jose),
      ofJose: Number((fresh / jose).toFixed(2)),
      fetches: verifier.counters.fetches.fetches,
    }
  } finally {
    await world.close()
  }
}

async function rate(headers: readonly string[], verify: (header: string) => Promise<void>): Promise<number> {
  const started = performance.now()
  for (let i = 0; i < headers.length; i += CONCURRENT) await Promise.all(headers.slice(i, i + CONCURRENT).map(verify))
  return headers.length / ((performance.now() - started) / 1000)
}
